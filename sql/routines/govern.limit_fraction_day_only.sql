-- govern.limit_fraction_day_only(order): a fractional quantity is good for the day only.
-- Why: brokers take fractions with DAY only (ruling F15).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_fraction_day_only(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'FRACTION_DAY_ONLY', v.passed, (p_order).quantity, null::numeric,
        case when v.passed then 'WITHIN' else 'FRACTION_NOT_DAY' end
    )::govern.limit_findings
    from (
        select (
            not (p_order).rules ? 'FRACTION_DAY_ONLY'
            or ((p_order).quantity = trunc((p_order).quantity) or (p_order).time_in_force = 'DAY')
        ) is true as passed
    ) as v
$$;
comment on function govern.limit_fraction_day_only(govern.order_contexts) is
'Broker rule: a fraction of a share only with time in force DAY (F15).';
