-- govern.limit_basket_value(order): the orders of the cycle so far and this one are worth at most so many USD.
-- Why: many small orders are one big one (I16); counted per cycle, so that two calls cannot split it. Reductions count, and pass.
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_basket_value(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case
        when (p_order).reduces then row('basket_value', true, (p_order).basket_value, null, 'REDUCES')::govern.limit_findings
        else govern.limit_upper((p_order).limits, 'basket_value', (p_order).basket_value)
    end
$$;
comment on function govern.limit_basket_value(govern.order_contexts) is
'Limit basket_value: USD of all orders of the cycle, this one included; reductions pass.';
