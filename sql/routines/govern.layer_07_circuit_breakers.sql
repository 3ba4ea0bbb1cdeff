-- govern.layer_07_circuit_breakers(cycle, run): NOT_BUILT while the issue of this layer (circuit breakers) is open; refuses in
-- live.
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_07_circuit_breakers(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select govern.not_built(7, p_cycle_id)
$$;
comment on function govern.layer_07_circuit_breakers(text, integer) is
'Layer 7 (circuit breakers): NOT_BUILT, which refuses in mode live.';
