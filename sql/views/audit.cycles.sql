-- audit.cycles: one row per cycle with its newest run: what it was asked, what it saw, how it ended.
create or replace view audit.cycles as
with newest as (
    select distinct on (r.cycle_id) r.*
    from decide.cycle_runs as r
    order by r.cycle_id, (r.state = 'DONE') desc, r.run desc
)

select
    c.cycle_id, n.run, c.account, c.mode, c.strategy, c.as_of_session, c.slot, c.trade_session, c.as_of, c.config_sha256, n.state,
    n.layer, n.reason, n.exit_code, n.opened_at, n.recorded_before, n.closed_at, n.closed_recorded_at, n.host, n.pid,
    n.code_version, n.versions, n.inputs_sha256, n.summary, n.limits_sha256
from decide.cycles as c
    join newest as n on n.cycle_id = c.cycle_id;
comment on view audit.cycles is 'One row per cycle, with its DONE run or else its newest one.';
comment on column audit.cycles.cycle_id is 'Cycle.';
comment on column audit.cycles.run is 'Run shown: the DONE one, else the newest.';
comment on column audit.cycles.account is 'Account.';
comment on column audit.cycles.mode is 'paper, live or shadow.';
comment on column audit.cycles.strategy is 'Strategy.';
comment on column audit.cycles.as_of_session is 'Last session it could see.';
comment on column audit.cycles.slot is 'close, or the exchange time of an intraday trigger.';
comment on column audit.cycles.trade_session is 'Session its orders are for.';
comment on column audit.cycles.as_of is 'Close of the as-of session plus the provider delay.';
comment on column audit.cycles.config_sha256 is 'Configuration, SHA-256.';
comment on column audit.cycles.state is 'OPEN, DONE, HALTED or FAILED.';
comment on column audit.cycles.layer is 'Layer that halted it.';
comment on column audit.cycles.reason is 'Why it ended, machine-readable.';
comment on column audit.cycles.exit_code is 'Exit code of the runner.';
comment on column audit.cycles.opened_at is 'Instant of opening by ops.now().';
comment on column audit.cycles.recorded_before is 'Wall instant of opening: facts recorded later were not seen.';
comment on column audit.cycles.closed_at is 'Instant of closing by ops.now().';
comment on column audit.cycles.closed_recorded_at is 'Wall instant of closing.';
comment on column audit.cycles.host is 'Host that ran it.';
comment on column audit.cycles.pid is 'Process id there.';
comment on column audit.cycles.code_version is 'Version and commit of the runner.';
comment on column audit.cycles.versions is 'Versions of Python, libraries, schema and dbt project.';
comment on column audit.cycles.inputs_sha256 is 'Digest of what the gate copied.';
comment on column audit.cycles.summary is 'Counts and portfolio factors.';
comment on column audit.cycles.limits_sha256 is 'Numbers in force when the run opened: audit.limit_sets.';
