-- What did the trades of each agent cost against the price they were decided at? Costs are shared by the weights of the
-- ensemble; a stop is nobody's.
-- Answer: They gained 34,157 USD (90 bp): prices moved our way overnight. The seven stops that were hit cost 27,433, nearly all of
-- it the move until the next opening; a stop that was not hit is no order here.
select agent, order_count, round(filled_value) as traded_usd, round(delay_usd, 2) as delay, round(spread_usd, 2) as spread,
    round(impact_usd, 2) as impact, round(fees_usd, 2) as fees, round(opportunity_usd, 2) as opportunity,
    round(total_usd, 2) as total, round(total_bp, 1) as total_bp
from mart.execution_costs_by_agent order by agent;
