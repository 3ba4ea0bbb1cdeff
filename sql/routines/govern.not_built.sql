-- govern.not_built(layer, cycle): the verdict of a layer whose issue is open: allowed in paper and shadow, refusing in live.
-- Called by: govern.layer_07_circuit_breakers, govern.layer_08_cvar_persistence, govern.layer_09_recovery. Raises: nothing.
create or replace function govern.not_built(p_layer integer, p_cycle_id text)
returns govern.verdict
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select govern.make_verdict(
        p_layer, case when c.mode in ('paper', 'shadow') then 'NOT_BUILT' else 'REFUSE' end,
        case when c.mode in ('paper', 'shadow') then 'NOT_BUILT' else 'NOT_BUILT_IN_LIVE' end, jsonb_build_object('mode', c.mode)
    )
    from decide.cycles as c
    where c.cycle_id = p_cycle_id
$$;
comment on function govern.not_built(integer, text) is
'NOT_BUILT for a layer whose issue is open; REFUSE NOT_BUILT_IN_LIVE in live.';
