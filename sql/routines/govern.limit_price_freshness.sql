-- govern.limit_price_freshness(order): the last close is of the as-of session and, at placing, the one the gate copied.
-- What: a protective stop and a liquidation are placed on whatever close is known: their symbol may have stopped trading (F18).
-- Why: every check in USD rests on it (I12, I17). A bar restated while Python computed is another price than the decision's.
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_price_freshness(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'price_freshness', v.passed, (p_order).price, null::numeric, case when v.passed then 'WITHIN' else 'STALE_PRICE' end
    )::govern.limit_findings
    from (
        select (
            (p_order).price > 0 and (p_order).price < 'Infinity'
            and ((p_order).leg in ('stop', 'liquidation') or (p_order).price_session = (p_order).as_of_session)
            and ((p_order).releasing or (p_order).leg in ('stop', 'liquidation') or (
                (p_order).decided_session = (p_order).as_of_session and (p_order).decided_price = (p_order).price
            ))
        ) is true as passed
    ) as v
$$;
comment on function govern.limit_price_freshness(govern.order_contexts) is
'The last close is fresh: of the as-of session and, at placing, what the cycle saw.';
