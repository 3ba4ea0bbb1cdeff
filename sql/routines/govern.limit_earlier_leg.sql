-- govern.limit_earlier_leg(order): what the order assumed of the leg it waited for came true.
-- What: at release. A replacement goes only where the order it replaces filled nothing since; an increase behind a stop only
-- where the stop did not fire, behind an exit only where the exit filled whole. Exits are judged by limit_reduce_only on what is
-- held now.
-- Why: a leg decided on a position that is gone would open what nobody decided; no re-entry after a stop (D14).
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_earlier_leg(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'earlier_leg', v.reason in ('NO_EARLIER_LEG', 'WAITS', 'WITHIN'), (p_order).earlier_filled, (p_order).earlier_unfilled,
        v.reason
    )::govern.limit_findings
    from (
        select case
            when (p_order).releasing is false then 'WAITS'
            when (p_order).releasing is null then 'INPUT_UNKNOWN'
            when (p_order).earlier_leg is null then 'NO_EARLIER_LEG'
            when (p_order).earlier_leg = (p_order).leg then
                case when (p_order).earlier_filled = 0 then 'WITHIN' else 'REPLACED_ORDER_FILLED' end
            when (p_order).leg in ('exit', 'stop', 'liquidation') then 'WITHIN'
            when (p_order).earlier_leg = 'stop' then case when (p_order).earlier_filled = 0 then 'WITHIN' else 'STOP_FIRED' end
            when (p_order).earlier_unfilled = 0 then 'WITHIN'
            else 'NOT_CLOSED'
        end as reason
    ) as v
$$;
comment on function govern.limit_earlier_leg(govern.order_contexts) is
'The leg an order waited for ended as the order assumed: a replaced one and a stop unfilled, a closing one filled.';
