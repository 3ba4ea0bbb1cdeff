-- govern.layer_08_cvar_persistence(cycle, run): NOT_BUILT while the issue of this layer (CVaR persistence) is open; refuses in
-- live.
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_08_cvar_persistence(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select govern.not_built(8, p_cycle_id)
$$;
comment on function govern.layer_08_cvar_persistence(text, integer) is
'Layer 8 (CVaR persistence): NOT_BUILT, which refuses in mode live.';
