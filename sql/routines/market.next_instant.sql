-- market.next_instant(): recorded_at of what is about to be written: the wall clock, or where that stands at or behind what was
-- given or seen before, the microsecond after it. The row 'market' of ops.locks is held for update with it.
-- Why: dbt's increments find what is new by a recorded_at beyond what they were built from, and a cycle sees what was recorded
-- up to its recorded_before; a wall clock set back would put new rows behind both. A run's bound is read here, because the
-- cycle that takes it holds the lock for share only and can write nothing on its row.
-- Called by: market.ingest_bars, ingest_actions, ingest_fundamentals, ingest_news, record_opinions. Raises: nothing.
create or replace function market.next_instant()
returns timestamptz
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_instant timestamptz;
begin
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;
    update ops.locks as l
    set last_instant = greatest(
            clock_timestamp(),
            greatest(l.last_instant, (select max(r.recorded_before) from decide.cycle_runs as r)) + interval '1 microsecond'
        )
    where l.lock_name = 'market'
    returning l.last_instant into v_instant;
    return v_instant;
end;
$$;
comment on function market.next_instant() is
'The instant of what is written next to the market: the wall clock, but later than any given or seen before.';
