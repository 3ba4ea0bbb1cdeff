-- trade.end_unreleased(order, state, refused by, detail): a pending order that may no longer leave ends, REJECTED or EXPIRED.
-- What: its state with what refused it; a refusal is an alert.
-- Why: whoever looks at a cycle's report sees the order placed, and a pass of the worker tells what left (I26). A layer that
-- refuses has its own alert (govern.recheck_layers), one for all the orders of a run; an expiry is told by the pass.
-- Called by: trade.claim_orders, which holds the order. Raises: nothing of its own.
create or replace function trade.end_unreleased(p_order trade.orders, p_state text, p_refused_by text, p_detail jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform trade.move_order(
        p_order.client_order_id, p_state, case p_state when 'REJECTED' then 'refused' else 'expired' end,
        jsonb_strip_nulls(coalesce(p_detail, '{}'::jsonb) || jsonb_build_object('refused_by', p_refused_by)),
        null, p_refused_by
    );
    if p_state = 'REJECTED' and not starts_with(p_refused_by, 'LAYER_') then
        perform notify.enqueue(
            'MEDIUM', 'TRADING', 'NOT_RELEASED', format(
                '%s of %s was placed and does not leave: %s', p_order.client_order_id, p_order.account, p_refused_by
            ),
            p_order.symbol, p_order.account,
            jsonb_build_object('client_order_id', p_order.client_order_id, 'refused_by', p_refused_by)
        );
    end if;
end;
$$;
comment on function trade.end_unreleased(trade.orders, text, text, jsonb) is
'Ends a pending order that may no longer leave, REJECTED or EXPIRED; a refusal no layer made is an alert.';
