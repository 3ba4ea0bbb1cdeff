-- govern.limit_price_collar(order): limit and stop prices are within so large a fraction of the last close.
-- What: the farther of the two counts. A protective stop lies on its side of the price at whatever distance D14 gives it: only
-- how far it lies beyond the price on the other side counts.
-- Why: a price typed wrong by a digit is no wish (I16). A market order has none.
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
        when (p_order).limit_price is null and (p_order).stop_price is null then
            row('price_collar', true, null, null, 'NO_PRICE_GIVEN')::govern.limit_findings
        else govern.limit_upper(
            (p_order).limits, 'price_collar',
            case when (p_order).price > 0 then (
                select max(case
                    when (p_order).leg = 'stop' and (p_order).side = 'SELL' then greatest(x.price / (p_order).price - 1, 0)
                    when (p_order).leg = 'stop' and (p_order).side = 'BUY' then greatest(1 - x.price / (p_order).price, 0)
                    else abs(x.price / (p_order).price - 1)
                end)
                from unnest(array[(p_order).limit_price, (p_order).stop_price]) as x (price)
            ) end
        )
    end
$$;
comment on function govern.limit_price_collar(govern.order_contexts) is
'Limit price_collar: distance of limit and stop prices from the last close, fraction; a protective stop beyond its side only.';
