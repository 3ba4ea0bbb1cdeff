-- govern.limit_order_type(order): the broker takes this type with this time in force for this quantity.
-- Why: fractions are for the day, immediate orders do not wait for a trigger (ruling F15); what a broker takes are rows.
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_order_type(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'ORDER_TYPE', v.passed, (p_order).quantity, null::numeric, case when v.passed then 'WITHIN' else 'NOT_TAKEN' end
    )::govern.limit_findings
    from (
        select (not (p_order).rules ? 'ORDER_TYPE' or (p_order).type_taken) is true as passed
    ) as v
$$;
comment on function govern.limit_order_type(govern.order_contexts) is
'Broker rule: type and time in force stand in ref.broker_order_types for a quantity like this.';
