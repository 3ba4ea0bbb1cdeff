-- audit.model_outputs: each agent's view or abstention of each symbol, of the cycle's final run, with the weight it was given.
create or replace view audit.model_outputs as
select
    m.cycle_id, m.symbol, m.agent, m.score, m.mu, m.sigma, m.confidence, m.abstained, m.reasons,
    (d.agent_results -> m.agent ->> 'weight')::double precision as weight, m.account, m.run, m.recorded_at,
    m.family
from decide.model_outputs as m
    join audit.concluded_runs as f on f.cycle_id = m.cycle_id and f.run = m.run
    left join decide.decisions as d on d.cycle_id = m.cycle_id and d.run = m.run and d.symbol = m.symbol;
comment on view audit.model_outputs is 'One row per cycle, symbol and agent.';
comment on column audit.model_outputs.cycle_id is 'Cycle.';
comment on column audit.model_outputs.symbol is 'Instrument.';
comment on column audit.model_outputs.agent is 'Agent.';
comment on column audit.model_outputs.score is 'Standardised view, -3 to 3; NULL where it abstained.';
comment on column audit.model_outputs.mu is 'Annual expected excess return, fraction; NULL where it abstained.';
comment on column audit.model_outputs.sigma is 'Annual volatility, fraction.';
comment on column audit.model_outputs.confidence is '0 to 1; under the threshold of ruling W it is not heard.';
comment on column audit.model_outputs.abstained is 'True where it had no view (ruling D7).';
comment on column audit.model_outputs.reasons is 'Machine-readable reasons.';
comment on column audit.model_outputs.weight is 'Weight in the ensemble, 0 where it was not heard; NULL without a decision.';
comment on column audit.model_outputs.account is 'Account.';
comment on column audit.model_outputs.run is 'Run of the cycle.';
comment on column audit.model_outputs.recorded_at is 'Wall instant.';
comment on column audit.model_outputs.family is 'Alpha family the agent spoke for; NULL in cycles older than families.';
