-- ops.advance_clock(instant): moves the simulated clock forward. What: sets ops.now() on a simulated database.
-- Why: demo, tests and backtests live in past sessions; a real database must never be able to (I25).
-- Called by: the session loop. Raises: MQ202 on a real database, MQ203 for an instant before the present one or not finite.
create or replace function ops.advance_clock(p_instant timestamptz)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_present timestamptz;
begin
    perform 1 from ops.locks as l where l.lock_name = 'clock' for update;
    if not exists (select 1 from ops.instances as i where i.kind = 'simulated') then
        raise exception using errcode = 'MQ202', message = 'only a simulated database has a clock that can be moved',
            hint = 'use a database deployed with: python -m runner deploy --simulated';
    end if;
    select c.instant into v_present from ops.simulated_clocks as c;
    if p_instant is null or not isfinite(p_instant) or p_instant < v_present then
        raise exception using errcode = 'MQ203', message = 'the clock moves forward only',
            detail = format('present=%s asked=%s', v_present, p_instant),
            hint = 'start from a fresh simulated database to go back in time';
    end if;
    insert into ops.simulated_clocks as c (instant, advanced_at, advanced_by)
    values (p_instant, clock_timestamp(), session_user)
    on conflict (singleton) do update
    set instant = excluded.instant, advanced_at = excluded.advanced_at, advanced_by = excluded.advanced_by;
    return p_instant;
end;
$$;
comment on function ops.advance_clock(timestamptz) is
'Moves ops.now() of a simulated database forward and returns the new instant. Raises MQ202, MQ203.';
