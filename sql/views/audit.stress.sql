-- audit.stress: what each scenario would have cost the target of each cycle's final run, and what was done about it (A13).
-- Why: the shocked loss is what the limit reads; beside it is the same book through the crisis itself, where its names traded.
create or replace view audit.stress as
select
    k.cycle_id, k.run, k.account, c.mode, c.as_of_session, c.slot, substr(k.scope, 10) as scenario, k.observed as loss,
    k.threshold as loss_limit, k.action, k.factor, k.binding, k.reason,
    (s.figures ->> ('window_' || substr(k.scope, 10)))::double precision as window_loss,
    (s.factors ->> 'stress_scale')::double precision as stress_scale, k.recorded_at
from decide.risk_checks as k
    join audit.concluded_runs as f on f.cycle_id = k.cycle_id and f.run = k.run
    join decide.cycles as c on c.cycle_id = k.cycle_id
    left join decide.risk_states as s on s.cycle_id = k.cycle_id and s.run = k.run
where k.limit_name = 'stress' and k.scope like 'scenario:%';
comment on view audit.stress is 'One row per cycle and stress scenario.';
comment on column audit.stress.cycle_id is 'Cycle.';
comment on column audit.stress.run is 'Run of the cycle.';
comment on column audit.stress.account is 'Account.';
comment on column audit.stress.mode is 'paper, live or shadow.';
comment on column audit.stress.as_of_session is 'Last session it could see.';
comment on column audit.stress.slot is 'Slot of the cycle.';
comment on column audit.stress.scenario is 'Scenario of the configuration.';
comment on column audit.stress.loss is
'Loss of the target under its shocks, fraction of NAV, negative: a gain; NULL: not known, which breaches.';
comment on column audit.stress.loss_limit is 'Limit on it.';
comment on column audit.stress.action is 'What was done.';
comment on column audit.stress.factor is 'Scale it asked for, 1 for none.';
comment on column audit.stress.binding is 'True where it changed something.';
comment on column audit.stress.reason is 'Why, machine-readable.';
comment on column audit.stress.window_loss is
'Deepest loss of the target held through the scenario''s own sessions; NULL: not covered by the closes, or no name traded.';
comment on column audit.stress.stress_scale is 'What the one return to the auction scaled the whole target by (A13, F10).';
comment on column audit.stress.recorded_at is 'Wall instant.';
