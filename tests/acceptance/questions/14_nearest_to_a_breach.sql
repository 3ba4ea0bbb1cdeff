-- How near did we come to each limit, when, and with what? 1 is at the limit.
-- Answer: Name, sector, short and turnover caps bind; the nearest unbound was the CVaR decision limit at 89 %, with UNH.
-- Factors (regime, recovery ramp, drawdown scale) stand beside the limits and are none.
select distinct on (limit_name) limit_name, as_of_session, nearest, round(observed_max::numeric, 4) as observed, threshold,
    round(utilisation_max::numeric, 3) as of_limit, sum(binding_count) over (partition by limit_name) as bound_in_all
from mart.limit_pressure where evaluation_count > 0
order by limit_name, round(utilisation_max::numeric, 9) desc nulls last, as_of_session;
