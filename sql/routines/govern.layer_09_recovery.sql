-- govern.layer_09_recovery(cycle, run): NOT_BUILT while the issue of this layer (recovery) is open; refuses in live.
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_09_recovery(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select govern.not_built(9, p_cycle_id)
$$;
comment on function govern.layer_09_recovery(text, integer) is 'Layer 9 (recovery): NOT_BUILT, which refuses in mode live.';
