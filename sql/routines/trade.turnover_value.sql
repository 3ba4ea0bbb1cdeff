-- trade.turnover_value(account, trade_session, without, ending): USD of increases placed for a session, at the worse of their prices.
-- What: entries and hedges; of an order that ended, only what was filled. The order `without` is left out, `ending` is taken as ended.
-- Why: the turnover cap is per session over all its cycles and runs (A4); exits, stops and liquidations are not counted.
-- Called by: trade.basket, trade.account_state. Raises: nothing.
create or replace function trade.turnover_value(
    p_account text, p_trade_session date, p_without text default null, p_ending text default null
)
returns numeric
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(sum(trade.worst_price(o.reference_price::numeric, o.limit_price, o.stop_price)
        * case when s.terminal or o.client_order_id = p_ending then f.quantity else o.quantity end), 0)
    from trade.orders as o
        join trade.order_states as s on s.state = o.state
        cross join lateral (
            select coalesce(sum(x.quantity), 0) as quantity from trade.fills as x where x.client_order_id = o.client_order_id
        ) as f
    where o.account = p_account and o.trade_session = p_trade_session and o.leg in ('entry', 'hedge')
        and o.refused_by is null and not o.unsent and o.client_order_id is distinct from p_without
$$;
comment on function trade.turnover_value(text, date, text, text) is
'USD of the increases placed for a trade session, ended orders with what was filled of them (A4).';
