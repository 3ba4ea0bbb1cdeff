-- What became of the orders, and how long did they live? A stop is cancelled when its position is about to change, and renewed.
-- Answer: Every order that left was filled, but for stops; five expired unsent, because no sync ran on the evening of the 6th
-- (I10).
select leg, state, count(*) as orders, sum(fill_count) as fills, sum(cancel_requests) as cancels_asked,
    round((avg(seconds_to_end) / 3600)::numeric, 1) as mean_hours, max(post_attempt) as most_posts
from mart.order_lifecycle group by leg, state order by leg, state;
