-- govern.limit_gross(order): the sum of absolute holdings is at most so large a fraction of NAV.
-- Why: leverage (ruling A1). Of the book, position + open + in-flight + basket (I16, HELD).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_gross(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case
        when (p_order).reduces then row('gross', true, null, null, 'REDUCES')::govern.limit_findings
        else govern.limit_exposure(
            (p_order).limits, 'gross', (p_order).nav,
            ((p_order).exposures_after).held_gross, ((p_order).exposures_before).gross, ((p_order).exposures_after).gross
        )
    end
$$;
comment on function govern.limit_gross(govern.order_contexts) is
'Limit gross: exposure of the book after this order, fraction of NAV; reductions pass.';
