-- Which symbols may not trade, why, and what is their score made of?
-- Answer: GOOG: 1,042 valid sessions of the 1,260 demanded. Its single spike costs 0.05 of the score, as for thirteen others.
select i.symbol, i.classified_state as dbt_said, i.governance_state as state, i.governance_reasons as reasons,
    round(i.data_quality_score::numeric, 2) as score, i.valid_sessions, i.quality ->> 'has_spike' as spike
from audit.cycle_inputs as i where i.cycle_id = audit.find_cycle('last') and i.governance_state <> 'ACTIVE' order by i.symbol;
select round(i.data_quality_score::numeric, 2) as score, i.quality ->> 'has_spike' as spike, count(*) as active_symbols
from audit.cycle_inputs as i where i.cycle_id = audit.find_cycle('last') and i.governance_state = 'ACTIVE' group by 1, 2 order by 1, 2;
