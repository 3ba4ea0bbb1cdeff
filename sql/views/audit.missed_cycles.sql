-- audit.missed_cycles: the sessions whose cycle should have run and did not, and the run that came late where one did.
create or replace view audit.missed_cycles as
select
    m.account, m.as_of_session, m.trade_session, m.found_at, m.found_by,
    (
        select min(r.opened_at)
        from decide.cycles as c
            join decide.cycle_runs as r on r.cycle_id = c.cycle_id
        where c.account = m.account and c.as_of_session = m.as_of_session and c.mode <> 'shadow' and c.slot = 'close'
            and r.reason is distinct from 'DRY_RUN'
    ) as ran_at,
    m.recorded_at
from decide.missed_cycles as m;
comment on view audit.missed_cycles is
'One row per account and session as of which no close cycle had run when the next session opened (I26).';
comment on column audit.missed_cycles.account is 'Account.';
comment on column audit.missed_cycles.as_of_session is 'Session the cycle should have seen last.';
comment on column audit.missed_cycles.trade_session is 'Session its orders would have been for.';
comment on column audit.missed_cycles.found_at is 'Instant by ops.now() at which a worker or the next cycle noticed.';
comment on column audit.missed_cycles.found_by is 'Login role that did.';
comment on column audit.missed_cycles.ran_at is 'Instant by ops.now() of a run that came after all; NULL where none did.';
comment on column audit.missed_cycles.recorded_at is 'Wall instant.';
