-- trade.open_quantities: what the live orders of a symbol would change, for "target minus (position + open + in-flight)".
-- Protective stops are left out: one rests for every position (B8) and would otherwise make every position look sold.
create or replace view trade.open_quantities as
select
    l.account,
    l.symbol,
    sum(case l.side when 'BUY' then l.unfilled_quantity else -l.unfilled_quantity end) as quantity,
    count(*)::integer as order_count
from trade.live_orders as l
where l.leg <> 'stop'
group by l.account, l.symbol;
comment on view trade.open_quantities is
'One row per account and symbol with live orders, protective stops aside: their signed unfilled quantity (ruling HELD).';
comment on column trade.open_quantities.account is 'Account.';
comment on column trade.open_quantities.symbol is 'Instrument.';
comment on column trade.open_quantities.quantity is 'Signed shares still to be filled.';
comment on column trade.open_quantities.order_count is 'Live orders.';
