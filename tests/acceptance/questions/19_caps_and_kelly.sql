-- How often is a bid bigger than its cap? Ruling D4 keeps Kelly although it ignores correlation, on condition that this is
-- watched.
-- Answer: Two bids of three; the name cap alone binds for one in six.
select coalesce(bound_by, 'nothing') as bound_by, count(*) as bids, round(100.0 * count(*) / sum(count(*)) over (), 1) as percent,
    round(avg(abs(auction_bid))::numeric, 3) as mean_bid, round(avg(abs(auction_grant))::numeric, 3) as mean_grant
from mart.decision_trail where auction_bid <> 0 group by bound_by order by bids desc, bound_by;
