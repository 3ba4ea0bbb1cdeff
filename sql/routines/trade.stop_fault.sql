-- trade.stop_fault(account, stop): NULL where a protective stop can be placed, else why not.
-- What: NO_STOP_PRICE, NO_SESSION, or STOP_REFUSED: one with the same side, quantity and price was refused for this session under
-- the configuration that is pinned.
-- Why: what was refused once is refused again: a stop tried each pass would spend the day's messages and protect nothing. Under
-- another configuration it is another order: one that waited while a new one was pinned was refused for its hash alone.
-- Called by: trade.protect_positions. Raises: nothing.
create or replace function trade.stop_fault(p_account text, p_stop trade.protective_stops)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when (p_stop).stop_price is null or (p_stop).cycle_id is null then 'NO_STOP_PRICE'
        when (p_stop).trade_session is null then 'NO_SESSION'
        when exists (
            select 1 from trade.orders as o
            where o.account = p_account and o.symbol = (p_stop).symbol and o.leg = 'stop' and o.state = 'REJECTED'
                and o.trade_session = (p_stop).trade_session and o.side = (p_stop).side and o.quantity = (p_stop).quantity
                and o.stop_price = (p_stop).stop_price and o.config_sha256 = govern.pinned_config()
        ) then 'STOP_REFUSED'
    end
$$;
comment on function trade.stop_fault(text, trade.protective_stops) is
'Why a protective stop cannot be placed; NULL where it can.';
