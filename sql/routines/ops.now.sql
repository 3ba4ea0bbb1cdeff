-- ops.now(): the one clock. What: the statement's wall instant on a real database, the stored instant on a simulated one, which
-- stands at the epoch until it is first advanced.
-- Why: freshness, cooldown and sessions count by it everywhere, and no role can forge it, because it is read from a row (I25).
-- Called by: everything that needs the time. Raises: MQ201 when the database was never told what it is.
create or replace function ops.now()
returns timestamptz
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_kind text;
begin
    select i.kind into v_kind from ops.instances as i;
    if v_kind = 'real' then
        return statement_timestamp();
    end if;
    if v_kind is null then
        raise exception using errcode = 'MQ201', message = 'this database was never told whether it is real or simulated',
            hint = 'python -m runner deploy  (a simulated database: python -m runner deploy --simulated)';
    end if;
    return coalesce((select c.instant from ops.simulated_clocks as c), to_timestamp(0));
end;
$$;
comment on function ops.now() is
'The current instant: the wall clock on a real database, the row of ops.simulated_clocks on a simulated one (the epoch until '
'first advanced). Raises MQ201.';
