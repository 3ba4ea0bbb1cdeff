-- trade.place_intent(basket, book, intent, killed, closed): one intent becomes a row, PENDING or refused; basket and book count
-- it in. closed: what govern.recheck_layers says of the run.
-- Why: the same intent again is the same row (I1); a refusal is a row with everything that was wrong (I12, I16). One whose session is
-- over by now could never leave: it is refused, SESSION_OVER, before a resting stop makes way for it (B8).
-- Called by: trade.place_orders, under its locks. Raises: MQ305, MQ326.
create or replace function trade.place_intent(
    inout p_basket govern.baskets, inout p_book govern.book_lines[], p_intent govern.order_intents, p_killed boolean,
    p_closed jsonb
)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_id constant text := trade.client_order_id(
        p_basket.account, p_basket.cycle_id, p_intent.symbol, p_intent.leg, p_intent.revision
    );
    v_closes_at constant timestamptz := (
        select s.closes_at
        from ref.instruments as i join ref.sessions as s on s.calendar = i.calendar and s.session = p_basket.trade_session
        where i.symbol = p_intent.symbol
    );
    v_known trade.orders;
    v_context govern.order_contexts;
    v_refused jsonb;
    v_refused_by text;
    v_layer jsonb;
    v_waits_for text;
begin
    select o.* into v_known from trade.orders as o where o.client_order_id = v_id;
    if found then
        if (v_known.side, v_known.quantity, v_known.order_type, v_known.time_in_force, v_known.limit_price, v_known.stop_price)
            is distinct from (p_intent.side, p_intent.quantity, p_intent.order_type, p_intent.time_in_force,
                p_intent.limit_price, p_intent.stop_price) then
            raise exception using errcode = 'MQ305', message = format('%s was placed with another body', v_id),
                detail = format('client_order_id=%s stored=%s %s asked=%s %s', v_id, v_known.side, v_known.quantity,
                    p_intent.side, p_intent.quantity),
                hint = 'a new intent takes the next revision once this one has its terminal state';
        end if;
        return;
    end if;
    if p_intent.revision > 0 and not exists (
        select 1 from trade.orders as o join trade.order_states as s on s.state = o.state and s.terminal
        where o.account = p_basket.account and o.cycle_id = p_basket.cycle_id and o.symbol = p_intent.symbol
            and o.leg = p_intent.leg and o.revision = p_intent.revision - 1
    ) then
        raise exception using errcode = 'MQ326', message = 'a new revision follows one that has its terminal state',
            detail = format('symbol=%s leg=%s revision=%s', p_intent.symbol, p_intent.leg, p_intent.revision),
            hint = 'python -m runner sync --once --account ' || p_basket.account;
    end if;
    v_context := trade.order_context(p_basket, p_intent, p_book, false);
    select jsonb_agg(to_jsonb(f) - array['n', 'passed'] order by f.n), (array_agg(f.limit_name order by f.n))[1]
    into v_refused, v_refused_by
    from govern.evaluate_order_limits(v_context) with ordinality as f (limit_name, passed, observed, threshold, reason, n)
    where not f.passed;
    v_layer := govern.layer_refusal(p_closed, p_intent.leg);
    if v_closes_at <= ops.now() then
        v_refused_by := 'SESSION_OVER';
        v_refused := coalesce(v_refused, '[]') || jsonb_build_object(
            'limit_name', v_refused_by, 'observed', p_basket.trade_session, 'threshold', trade.current_session(p_intent.symbol),
            'reason', 'the next cycle decides anew'
        );
    end if;
    v_refused_by := coalesce(
        govern.state_refusal(p_basket.account, p_intent.leg, p_killed), v_refused_by, v_layer ->> 'limit_name'
    );
    v_refused := case when v_layer is null then v_refused else coalesce(v_refused, '[]') || v_layer end;
    if v_refused_by is null then
        v_waits_for := trade.make_way(p_basket.account, p_intent, v_id);
    end if;
    perform trade.insert_order(p_basket, p_intent, v_id, v_context, v_refused_by, v_refused, v_waits_for);
    if v_refused_by is null then
        p_book := trade.book_add(p_book, p_intent);
        p_basket.order_count := v_context.day_orders;
        if p_intent.leg <> 'stop' then
            p_basket.basket_value := v_context.basket_value;
        end if;
        if p_intent.leg in ('entry', 'hedge') then
            p_basket.turnover_value := v_context.turnover_value;
        end if;
    end if;
end;
$$;
comment on function trade.place_intent(govern.baskets, govern.book_lines[], govern.order_intents, boolean, jsonb) is
'Places one intent or refuses it, as a row either way, and gives the basket and book with it counted in. Raises MQ305, MQ326.';
