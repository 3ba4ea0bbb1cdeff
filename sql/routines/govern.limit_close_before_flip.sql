-- govern.limit_close_before_flip(order): an order closes a position or opens one, never both.
-- Why: brokers refuse the order that does both; a flip is an exit and an entry (A4).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_close_before_flip(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'CLOSE_BEFORE_FLIP', v.passed, (p_order).quantity, (p_order).reducible,
        case when v.passed then 'WITHIN' else 'CLOSES_AND_OPENS' end
    )::govern.limit_findings
    from (
        select (
            not (p_order).rules ? 'CLOSE_BEFORE_FLIP' or ((p_order).reducible = 0 or (p_order).quantity <= (p_order).reducible)
        ) is true as passed
    ) as v
$$;
comment on function govern.limit_close_before_flip(govern.order_contexts) is 'Broker rule: an order either closes or opens.';
