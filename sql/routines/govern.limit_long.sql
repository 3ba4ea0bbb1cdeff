-- govern.limit_long(order): the sum of long holdings is at most so large a fraction of NAV.
-- Why: the long side's cap (ruling A1). Of the book, position + open + in-flight + basket (I16, HELD).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_long(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case
        when (p_order).reduces then row('long', true, null, null, 'REDUCES')::govern.limit_findings
        else govern.limit_exposure(
            (p_order).limits, 'long', (p_order).nav,
            ((p_order).exposures_after).held_long, ((p_order).exposures_before).long, ((p_order).exposures_after).long
        )
    end
$$;
comment on function govern.limit_long(govern.order_contexts) is
'Limit long: exposure of the book after this order, fraction of NAV; reductions pass.';
