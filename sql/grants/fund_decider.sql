-- fund_decider: what a cycle reads and the routines it decides through.
grant usage on schema market, ops, ref to fund_decider;
grant execute on function market.panel(timestamptz, timestamptz, integer, text[]) to fund_decider;
grant execute on function market.panel_sessions(timestamptz, integer, text) to fund_decider;
grant execute on function market.prices_as_of(timestamptz, timestamptz, text[]) to fund_decider;
grant execute on function market.session_counts(timestamptz, timestamptz, text[]) to fund_decider;
grant execute on function ops.now() to fund_decider;
grant select on ref.calendars, ref.instruments, ref.last_sessions, ref.providers, ref.sessions, ref.universe to fund_decider;
grant usage on schema trade to fund_decider;
grant select on trade.accounts, trade.cash, trade.held_quantities, trade.live_orders, trade.nav, trade.open_quantities, trade.orders,
trade.positions to fund_decider;
grant execute on function trade.account_state(text, date) to fund_decider;
grant execute on function trade.client_order_id(text, text, text, text, integer) to fund_decider;
grant execute on function trade.place_order(text, integer, jsonb) to fund_decider;
grant execute on function trade.place_orders(text, integer, jsonb) to fund_decider;
