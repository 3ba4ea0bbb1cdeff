-- audit.positions: the book now, valued, each position beside the stop that protects it.
create or replace view audit.positions as
select
    p.account, p.symbol, p.sector, p.quantity, p.average_price, p.price, p.price_session, p.market_value, p.weight,
    p.unrealized_pnl, p.realized_pnl, p.stop_price, p.stop_quantity, p.stop_state
from trade.valued_positions() as p;
comment on view audit.positions is
'One row per account and symbol held now, valued at its last close; audit.nav_history has the marks of sessions.';
comment on column audit.positions.account is 'Account.';
comment on column audit.positions.symbol is 'Instrument.';
comment on column audit.positions.sector is 'Sector at that close (A2); NULL where it was never in the universe.';
comment on column audit.positions.quantity is 'Signed shares: fills and adjustments up to now (I9).';
comment on column audit.positions.average_price is 'USD a share, first in first out, fees aside; NULL for an unknown cost.';
comment on column audit.positions.price is 'Last close known now, USD a share, of the shares held; NULL where there is none.';
comment on column audit.positions.price_session is 'Session of that close.';
comment on column audit.positions.market_value is 'Signed USD: quantity x price.';
comment on column audit.positions.weight is 'market_value as a fraction of the NAV of the newest mark.';
comment on column audit.positions.unrealized_pnl is
'USD: quantity x (price - average_price), fees aside; NULL where either is unknown.';
comment on column audit.positions.realized_pnl is 'USD, of shares sold or bought back, fees aside; NULL for an unknown cost.';
comment on column audit.positions.stop_price is
'Price of its living protective stops, USD, the furthest of several; NULL without one.';
comment on column audit.positions.stop_quantity is 'Shares of those stops not filled yet.';
comment on column audit.positions.stop_state is
'State of that stop: only ACKNOWLEDGED or PARTIAL is known to be at the broker; NULL without one.';
