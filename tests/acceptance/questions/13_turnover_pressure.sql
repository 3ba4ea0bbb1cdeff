-- How hard does the turnover cap of 20 % a session press? What it cut is not made up elsewhere: it stays in cash until the next
-- session.
-- Answer: It bound in eight of seventeen sessions.
select as_of_session, round(observed_max::numeric, 4) as turnover, threshold, binding_count > 0 as bound, bids_touched
from mart.limit_pressure where limit_name = 'turnover' order by as_of_session;
