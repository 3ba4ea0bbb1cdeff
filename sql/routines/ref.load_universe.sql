-- ref.load_universe(instruments, spells): writes what configs/universe.csv says, all or nothing.
-- Why: one call, one lock: no cycle sees an instrument without its spells.
-- Called by: runner/universe.py as fund_ingestor. Calling twice changes nothing. Raises: MQ104, MQ105, MQ106.
create or replace function ref.load_universe(p_instruments jsonb, p_spells jsonb)
returns table (instruments_written integer, spells_written integer)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;
    instruments_written := ref.load_instruments(p_instruments);
    spells_written := ref.load_spells(p_spells);
    return next;
end;
$$;
comment on function ref.load_universe(jsonb, jsonb) is
'Writes instruments and their spells in the universe in one step; returns rows added or changed. Raises MQ104, MQ105, MQ106.';
