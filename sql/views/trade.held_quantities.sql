-- trade.held_quantities: the definition of a position (I9): fills and recorded adjustments, summed.
create or replace view trade.held_quantities as
select m.account, m.symbol, sum(m.quantity) as quantity
from (
    select f.account, f.symbol, case f.side when 'BUY' then f.quantity else -f.quantity end as quantity
    from trade.fills as f
    union all
    select a.account, a.symbol, a.quantity
    from trade.position_adjustments as a
) as m
group by m.account, m.symbol;
comment on view trade.held_quantities is
'One row per account and symbol ever held: the signed position, the sum of its fills and adjustments (I9).';
comment on column trade.held_quantities.account is 'Account.';
comment on column trade.held_quantities.symbol is 'Instrument.';
comment on column trade.held_quantities.quantity is 'Signed shares; 0 for a closed position.';
