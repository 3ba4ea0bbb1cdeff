-- trade.release_verdict(order, closed): whether a pending order may leave now: the state it goes to, and what refused it.
-- What: SUBMITTED to release; PENDING to keep (its run is still open, a layer refuses that may pass again, or an open break
-- quarantines the symbol); EXPIRED when its trade session is over; REJECTED for a run that did not end DONE, another configuration
-- than the pinned one, an entry or a hedge of a later session than its cycle decided for, a layer that refuses by now (`closed`:
-- what govern.recheck_layers says of the run), or a limit that no longer holds on today's positions, orders, prices.
-- Why: placing was then, releasing is now: both check (I12, I20). An order whose decisions were never committed is never sent.
-- Called by: trade.claim_orders, trade.record_not_found, which hold the kill row and the order. Raises: nothing.
create or replace function trade.release_verdict(
    p_order trade.orders, p_closed jsonb, out to_state text, out refused_by text, out detail jsonb
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run_state constant text := (
        select r.state from decide.cycle_runs as r where r.cycle_id = p_order.cycle_id and r.run = p_order.run
    );
    v_closes_at constant timestamptz := (
        select s.closes_at
        from ref.instruments as i join ref.sessions as s on s.calendar = i.calendar and s.session = p_order.trade_session
        where i.symbol = p_order.symbol
    );
    v_intent constant govern.order_intents := row(
        p_order.symbol, p_order.leg, p_order.side, p_order.quantity, p_order.order_type, p_order.time_in_force,
        p_order.limit_price, p_order.stop_price, p_order.revision
    );
    v_layer constant jsonb := govern.layer_refusal(p_closed, p_order.leg);
    v_basket govern.baskets;
    v_book govern.book_lines[];
begin
    to_state := 'REJECTED';
    if v_closes_at <= ops.now() then
        to_state := 'EXPIRED';
        detail := jsonb_build_object('reason', 'SESSION_OVER', 'closes_at', v_closes_at);
        return;
    elsif v_run_state = 'OPEN' or (v_layer -> 'clears')::boolean or exists (
        select 1 from trade.open_breaks as b
        where b.account = p_order.account and b.symbol = p_order.symbol and b.effect = 'QUARANTINE'
    ) then
        to_state := 'PENDING';
        return;
    end if;
    refused_by := case
        when v_closes_at is null then 'NO_SESSION'
        when v_run_state is distinct from 'DONE' then 'RUN_NOT_DONE'
        when p_order.config_sha256 is distinct from govern.pinned_config() then 'CONFIG_HASH'
        when p_order.leg in ('entry', 'hedge') and not exists (
            select 1 from decide.cycles as c where c.cycle_id = p_order.cycle_id and c.trade_session >= p_order.trade_session
        ) then 'SESSION_OVER'
    end;
    if refused_by is null then
        v_basket := trade.basket(p_order.cycle_id, p_order.run, p_order.trade_session, p_order.client_order_id);
        v_book := trade.book_before(
            trade.order_book(p_order.account, v_basket.as_of_session, array[p_order.symbol]), p_order.client_order_id
        );
        select (array_agg(f.limit_name order by f.n))[1],
            jsonb_build_object('refused', jsonb_agg(to_jsonb(f) - array['n', 'passed'] order by f.n))
        into refused_by, detail
        from govern.evaluate_order_limits(
            trade.order_context(v_basket, v_intent, v_book, true, p_order.waits_for, p_order.waits_for_filled)
        ) with ordinality as f (limit_name, passed, observed, threshold, reason, n)
        where not f.passed;
        -- The more specific name first; the layer is evidence beside it.
        if v_layer is not null then
            refused_by := coalesce(refused_by, v_layer ->> 'limit_name');
            detail := jsonb_build_object('refused', coalesce(nullif(detail -> 'refused', 'null'), '[]') || v_layer);
        end if;
    end if;
    if refused_by is null then
        to_state := 'SUBMITTED';
        detail := null;
    end if;
end;
$$;
comment on function trade.release_verdict(trade.orders, jsonb) is
'Whether a pending order may leave: SUBMITTED, PENDING, EXPIRED, or REJECTED with what refused it.';
