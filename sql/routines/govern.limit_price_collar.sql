-- govern.limit_price_collar(order): a limit price is within so large a fraction of the last close.
-- Why: a price typed wrong by a digit is no wish (I16). A market order has none; a stop triggers where it must.
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_price_collar(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case
        when (p_order).limit_price is null then row('price_collar', true, null, null, 'NO_LIMIT_PRICE')::govern.limit_findings
        else govern.limit_upper(
            (p_order).limits, 'price_collar',
            case when (p_order).price > 0 then abs((p_order).limit_price / (p_order).price - 1) end
        )
    end
$$;
comment on function govern.limit_price_collar(govern.order_contexts) is
'Limit price_collar: distance of a limit price from the last close, fraction.';
