-- trade.place_replacement(old, new, taken_out, id, refusal, reason): the row of a replacement, and the cancel of what it
-- replaces.
-- What: judged on the book without the old order (`taken_out`, its unfilled quantity negative). Refused, it is a row and the old
-- order stays; else what never left is cancelled here and what did gets a request. An entry or a hedge is for the session and the
-- configuration its cycle decided for: else it is refused, SESSION_OVER or CONFIG_HASH. What reduces goes on, for the session and
-- the configuration that are, and counts in it.
-- Why: NAV and prices are those of the cycle: they bound nothing on a later session (I16), nor does another body make it a
-- decision under another configuration (I20). An order that was sent stays counted when it has ended, as at the release of its
-- replacement: its message, its value, of the turnover what it filled.
-- Called by: trade.request_replace, under its locks. Raises: nothing of its own.
create or replace function trade.place_replacement(
    p_old trade.orders, p_new govern.order_intents, p_taken_out govern.order_intents, p_client_order_id text,
    p_refusal text, p_reason text
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_session constant date := trade.current_session(p_old.symbol);
    v_decided_for constant date := (select c.trade_session from decide.cycles as c where c.cycle_id = p_old.cycle_id);
    v_pinned constant text := govern.pinned_config();
    v_undecided constant text := case
        when p_old.leg not in ('entry', 'hedge') then null
        when p_old.config_sha256 is distinct from v_pinned then 'CONFIG_HASH'
        when (v_decided_for >= v_session) is not true then 'SESSION_OVER'
    end;
    v_basket govern.baskets := trade.basket(
        p_old.cycle_id, p_old.run, coalesce(v_session, p_old.trade_session),
        case when p_old.state = 'PENDING' then p_old.client_order_id end, p_old.client_order_id
    );
    v_context govern.order_contexts;
    v_refused jsonb;
    v_refused_by text;
    v_events jsonb := '[]';
begin
    v_basket.config_sha256 := case
        when p_old.leg in ('entry', 'hedge') then p_old.config_sha256 else coalesce(v_pinned, v_basket.config_sha256)
    end;
    -- Releasing: the price is today's knowledge, not the cycle's.
    v_context := trade.order_context(
        v_basket, p_new,
        trade.book_add(trade.order_book(p_old.account, v_basket.as_of_session, array[p_old.symbol]), p_taken_out), true
    );
    select jsonb_agg(to_jsonb(f) - array['n', 'passed'] order by f.n), (array_agg(f.limit_name order by f.n))[1]
    into v_refused, v_refused_by
    from govern.evaluate_order_limits(v_context) with ordinality as f (limit_name, passed, observed, threshold, reason, n)
    where not f.passed;
    if v_undecided is not null then
        v_refused_by := v_undecided;
        v_refused := coalesce(v_refused, '[]') || jsonb_build_object(
            'limit_name', v_refused_by,
            'observed', case v_undecided when 'CONFIG_HASH' then v_pinned else v_session::text end,
            'threshold', case v_undecided when 'CONFIG_HASH' then p_old.config_sha256 else v_decided_for::text end,
            'reason', 'cancel it; the next cycle decides anew'
        );
    end if;
    v_refused_by := coalesce(p_refusal, v_refused_by);
    perform trade.insert_order(
        v_basket, p_new, p_client_order_id, v_context, v_refused_by, v_refused, p_old.client_order_id
    );
    if v_refused_by is null then
        if p_old.state = 'PENDING' then
            perform trade.move_order(p_old.client_order_id, 'CANCELLED', 'cancelled',
                jsonb_build_object('reason', p_reason, 'later', p_client_order_id));
        else
            perform trade.insert_request(p_old, p_reason);
        end if;
        v_events := jsonb_build_array(trade.audit_event(p_old.client_order_id, jsonb_build_object('replace', p_reason)));
    end if;
    perform audit.append(v_events || trade.audit_event(p_client_order_id, jsonb_build_object('replaces', p_old.client_order_id)));
end;
$$;
comment on function trade.place_replacement(trade.orders, govern.order_intents, govern.order_intents, text, text, text) is
'Inserts the replacement of an order and ends, or asks to end, the order it replaces.';
