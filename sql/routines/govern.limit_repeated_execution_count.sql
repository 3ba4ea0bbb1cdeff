-- govern.limit_repeated_execution_count(order): so many executions of a symbol and side in a session at most, counting this order
-- as one. A protective stop and a liquidation pass: the entry that would fill their position again is counted.
-- Why: filled, placed again, filled again: the loop that no open-order limit sees (I16).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_repeated_execution_count(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case
        when (p_order).leg in ('stop', 'liquidation') and (p_order).reduces then
            row('repeated_execution_count', true, (p_order).executions + 1, null, 'PROTECTS')::govern.limit_findings
        else govern.limit_upper((p_order).limits, 'repeated_execution_count', (p_order).executions + 1)
    end
$$;
comment on function govern.limit_repeated_execution_count(govern.order_contexts) is
'Limit repeated_execution_count: fills of symbol and side in the trade session, and this order.';
