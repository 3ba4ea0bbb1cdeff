-- audit.risk_checks: every limit evaluated by a cycle's final run, passed ones too.
create or replace view audit.risk_checks as
select
    c.cycle_id, c.check_number, c.limit_name, c.scope, c.symbol, c.observed, c.threshold, c.action, c.factor, c.binding, c.reason,
    c.account, c.run, c.recorded_at
from decide.risk_checks as c
    join audit.concluded_runs as f on f.cycle_id = c.cycle_id and f.run = c.run;
comment on view audit.risk_checks is 'One row per cycle and evaluated limit.';
comment on column audit.risk_checks.cycle_id is 'Cycle.';
comment on column audit.risk_checks.check_number is 'Order of evaluation.';
comment on column audit.risk_checks.limit_name is 'Limit.';
comment on column audit.risk_checks.scope is 'portfolio, symbol, sector:NAME or scenario:NAME.';
comment on column audit.risk_checks.symbol is 'Symbol it was evaluated for; NULL for the portfolio, a sector or a scenario.';
comment on column audit.risk_checks.observed is 'Number observed; NULL: not supported by the data, which breaches.';
comment on column audit.risk_checks.threshold is 'Number of the limit.';
comment on column audit.risk_checks.action is 'What was done.';
comment on column audit.risk_checks.factor is 'Scale applied, 1 for none.';
comment on column audit.risk_checks.binding is 'True where it changed something.';
comment on column audit.risk_checks.reason is 'Why, machine-readable.';
comment on column audit.risk_checks.account is 'Account.';
comment on column audit.risk_checks.run is 'Run of the cycle.';
comment on column audit.risk_checks.recorded_at is 'Wall instant.';
