-- What the orders of an account cost is what its symbols cost and what its agents cost: nothing is lost or shared twice.
with sums as (
    select account, sum(total_usd) as total_usd from {{ ref('execution_costs') }} group by account
),

symbols as (
    select account, sum(total_usd) as total_usd from {{ ref('execution_costs_by_symbol') }} group by account
),

agents as (
    select account, sum(total_usd) as total_usd from {{ ref('execution_costs_by_agent') }} group by account
)

select s.account, s.total_usd, y.total_usd as of_symbols, a.total_usd as of_agents
from sums as s
    left join symbols as y on y.account = s.account
    left join agents as a on a.account = s.account
where (s.total_usd = y.total_usd and abs(s.total_usd - a.total_usd) < 0.000001) is not true
