-- trade.order_context(basket, intent, book, releasing, waits_for, waits_for_filled): everything the checks of one order look at,
-- the order counted in.
-- What: `book` is the book without the order. At placing the price must be the one the gate copied; at release it is today's
-- knowledge of the as-of session's close, and the leg it waited for is looked at.
-- Why: the checks are pure functions of one row: they can be read, tested and listed one by one.
-- Called by: trade.place_intent, trade.release_verdict. Raises: nothing; what cannot be read is NULL and refuses (I17).
create or replace function trade.order_context(
    p_basket govern.baskets, p_intent govern.order_intents, p_book govern.book_lines[], p_releasing boolean,
    p_waits_for text default null, p_waits_for_filled numeric default null
)
returns govern.order_contexts
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select row(
        (p_intent).symbol, (p_intent).leg, (p_intent).side, (p_intent).quantity, (p_intent).order_type,
        (p_intent).time_in_force, (p_intent).limit_price, p_releasing, (p_basket).as_of_session,
        i.governance_state, i.shortable, i.last_session, i.last_close::numeric, l.price, l.price_session,
        (p_basket).nav, v.reducible, v.reducible > 0 and (p_intent).quantity <= v.reducible, v.order_value,
        (p_basket).basket_value + v.order_value,
        (p_basket).turnover_value + v.order_value,
        greatest(abs(l.held), l.held + l.buys, l.sells - l.held) * l.price,
        greatest(abs(n.held), n.held + n.buys, n.sells - n.held) * n.price,
        trade.book_exposures(p_book, l.sector), trade.book_exposures(a.book, l.sector),
        n.order_count, (p_basket).order_count + 1,
        (
            select count(*)::integer from trade.fills as f
            where f.account = (p_basket).account and f.symbol = (p_intent).symbol and f.side = (p_intent).side
                and f.session = (p_basket).trade_session
        ),
        (p_basket).limits, (p_basket).rules, (p_intent).stop_price,
        exists (
            select 1 from ref.broker_order_types as t
            where t.broker = (p_basket).broker and t.order_type = (p_intent).order_type
                and t.time_in_force = (p_intent).time_in_force
                and t.fractional = ((p_intent).quantity <> trunc((p_intent).quantity))
        ),
        case (p_intent).side when 'BUY' then l.sells when 'SELL' then l.buys end
            + case when p_releasing and (p_intent).leg <> 'stop' then l.stops else 0 end,
        e.leg, e.filled - p_waits_for_filled, e.quantity - e.filled
    )::govern.order_contexts
    from (select trade.book_add(p_book, p_intent) as book) as a
        join unnest(p_book) as l on l.symbol = (p_intent).symbol
        join unnest(a.book) as n on n.symbol = (p_intent).symbol
        cross join lateral (
            select
                trade.reducible_quantity(l, p_intent) as reducible,
                (p_intent).quantity * trade.worst_price(l.price, (p_intent).limit_price, (p_intent).stop_price) as order_value
        ) as v
        left join decide.cycle_inputs as i
            on i.cycle_id = (p_basket).cycle_id and i.run = (p_basket).run and i.symbol = (p_intent).symbol
        left join lateral (
            select o.leg, o.quantity, coalesce(sum(f.quantity), 0) as filled
            from trade.orders as o
                left join trade.fills as f on f.client_order_id = o.client_order_id
            where o.client_order_id = p_waits_for
            group by o.leg, o.quantity
        ) as e on true
$$;
comment on function trade.order_context(govern.baskets, govern.order_intents, govern.book_lines[], boolean, text, numeric) is
'One order with the numbers its checks compare: price, NAV, exposures before and after, counts, limits and rules.';
