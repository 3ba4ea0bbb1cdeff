-- govern.limit_no_fractional_short(order): a short sale is in whole shares.
-- Why: a fraction cannot be borrowed (ruling A3).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_no_fractional_short(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'NO_FRACTIONAL_SHORT', v.passed, (p_order).quantity, null::numeric,
        case when v.passed then 'WITHIN' else 'FRACTIONAL_SHORT' end
    )::govern.limit_findings
    from (
        select (
            not (p_order).rules ? 'NO_FRACTIONAL_SHORT'
            or ((p_order).side = 'BUY' or (p_order).reduces or (p_order).quantity = trunc((p_order).quantity))
        ) is true as passed
    ) as v
$$;
comment on function govern.limit_no_fractional_short(govern.order_contexts) is 'Broker rule: a short sale in whole shares (A3).';
