-- audit.concluded_runs: the run of each cycle whose decisions count: its DONE run, else its newest HALTED one.
-- Why: a cycle halted and run again has decisions of both runs; analysts see each symbol once per cycle.
create or replace view audit.concluded_runs as
select distinct on (r.cycle_id) r.cycle_id, r.run, r.account, r.state
from decide.cycle_runs as r
where r.state in ('DONE', 'HALTED')
order by r.cycle_id, (r.state = 'DONE') desc, r.run desc;
comment on view audit.concluded_runs is 'One row per cycle that ended DONE or HALTED: the run whose decisions count.';
comment on column audit.concluded_runs.cycle_id is 'Cycle.';
comment on column audit.concluded_runs.run is 'Run.';
comment on column audit.concluded_runs.account is 'Account.';
comment on column audit.concluded_runs.state is 'DONE or HALTED.';
