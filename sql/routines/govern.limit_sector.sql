-- govern.limit_sector(order): the absolute holdings of the symbol's sector are at most so large a fraction of NAV.
-- Why: one sector's cap; an unknown sector is one sector (ruling A2). Of the book, position + open + in-flight + basket (I16,
-- HELD).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_sector(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case
        when (p_order).reduces then row('sector', true, null, null, 'REDUCES')::govern.limit_findings
        else govern.limit_exposure(
            (p_order).limits, 'sector', (p_order).nav,
            ((p_order).exposures_after).held_sector, ((p_order).exposures_before).sector, ((p_order).exposures_after).sector
        )
    end
$$;
comment on function govern.limit_sector(govern.order_contexts) is
'Limit sector: exposure of the book after this order, fraction of NAV; reductions pass.';
