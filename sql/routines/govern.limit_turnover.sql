-- govern.limit_turnover(order): the increases of the trade session so far and this one are at most so large a fraction of NAV.
-- Why: a book is turned over slowly (ruling A4); counted per session over all cycles. Reductions neither count nor stop.
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_turnover(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case
        when (p_order).reduces then row('turnover', true, v.turnover, null, 'REDUCES')::govern.limit_findings
        else govern.limit_upper((p_order).limits, 'turnover', v.turnover)
    end
    from (select case when (p_order).nav > 0 then (p_order).turnover_value / (p_order).nav end as turnover) as v
$$;
comment on function govern.limit_turnover(govern.order_contexts) is
'Limit turnover: increases of the trade session as a fraction of NAV, this one included (A4).';
