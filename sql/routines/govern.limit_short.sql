-- govern.limit_short(order): the sum of short holdings is at most so large a fraction of NAV.
-- Why: the short side's cap (ruling A1). Of the book, position + open + in-flight + basket (I16, HELD).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_short(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case
        when (p_order).reduces then row('short', true, null, null, 'REDUCES')::govern.limit_findings
        else govern.limit_exposure(
            (p_order).limits, 'short', (p_order).nav,
            ((p_order).exposures_after).held_short, ((p_order).exposures_before).short, ((p_order).exposures_after).short
        )
    end
$$;
comment on function govern.limit_short(govern.order_contexts) is
'Limit short: exposure of the book after this order, fraction of NAV; reductions pass.';
