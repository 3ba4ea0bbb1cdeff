-- govern.limit_symbol_active(order): the gate found the symbol ACTIVE in this run.
-- Why: only ACTIVE may trade; a held symbol that is not gets no committee order either way, its stop and an approved liquidation
-- stay possible (ruling F18).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_symbol_active(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'symbol_active', v.passed, null::numeric, null::numeric, case when v.passed then 'WITHIN' else 'NOT_ACTIVE' end
    )::govern.limit_findings
    from (
        select (
            (p_order).governance_state = 'ACTIVE' or (p_order).leg in ('stop', 'liquidation')
        ) is true as passed
    ) as v
$$;
comment on function govern.limit_symbol_active(govern.order_contexts) is
'The symbol is ACTIVE in decide.cycle_inputs of the run; protective stops and liquidations aside (F18).';
