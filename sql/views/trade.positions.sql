-- trade.positions: what is held and what it cost, from the fills (I9).
-- Cost is first in, first out: the shares still held are the latest ones traded on the side of the position. That needs no
-- running state, so a fill that arrives late or out of order changes the rows as if it had come in time. A fill before a split
-- that is booked counts the shares it has become, at the price that makes of its price.
create or replace view trade.positions as
with fills as (
    select
        f.account, f.symbol, f.side, f.fee, f.filled_at, f.session, f.execution_id, f.quantity * f.price as value,
        f.quantity * coalesce(x.factor, 1) as quantity,
        case when x.factor is null then f.price else f.price / x.factor end as price
    from trade.fills as f
        left join lateral (
            select round(exp(sum(ln(n.factor))), 12) as factor
            from (
                select distinct on (a.ex_date) a.factor
                from trade.applied_actions as a
                where a.account = f.account and a.symbol = f.symbol and a.kind = 'split' and a.ex_date > f.session
                order by a.ex_date, a.entry desc
            ) as n
        ) as x on true
),

sides as (
    select
        f.account, f.symbol, f.side, f.quantity, f.price, f.value, f.fee, f.filled_at, f.session,
        coalesce(sum(f.quantity) over (
            partition by f.account, f.symbol, f.side
            order by f.filled_at desc, f.execution_id desc
            rows between unbounded preceding and 1 preceding
        ), 0) as later_quantity,
        sum(case f.side when 'BUY' then f.quantity else -f.quantity end)
            over (partition by f.account, f.symbol) as traded
    from fills as f
),

costs as (
    select
        f.account, f.symbol, f.traded,
        sum(f.price * greatest(least(f.quantity, abs(f.traded) - f.later_quantity), 0))
            filter (where f.side = case when f.traded > 0 then 'BUY' else 'SELL' end) * sign(f.traded) as cost,
        sum(case f.side when 'BUY' then -f.value else f.value end) as proceeds,
        sum(f.fee) as fees,
        min(f.filled_at) as first_fill_at,
        max(f.filled_at) as last_fill_at,
        max(f.session) as last_session,
        count(*)::integer as fill_count
    from sides as f
    group by f.account, f.symbol, f.traded
)

select
    h.account,
    h.symbol,
    h.quantity,
    case when known.cost then abs(c.cost / nullif(h.quantity, 0)) end as average_price,
    case when known.cost then coalesce(c.cost, 0) end as cost,
    case when known.cost then coalesce(c.proceeds + coalesce(c.cost, 0), 0) end as realized_pnl,
    coalesce(c.fees, 0) as fees,
    h.quantity - coalesce(c.traded, 0) as adjusted_quantity,
    c.first_fill_at,
    c.last_fill_at,
    c.last_session,
    coalesce(c.fill_count, 0) as fill_count
from trade.held_quantities as h
    left join costs as c on c.account = h.account and c.symbol = h.symbol
    -- Adopted shares have no price of ours: where the fills do not explain the side held, the cost is unknown, not zero.
    cross join lateral (select sign(coalesce(c.traded, 0)) = sign(h.quantity) as cost) as known;
comment on view trade.positions is
'One row per account and symbol ever held: the sum of its fills and adjustments, and what it cost (I9).';
comment on column trade.positions.account is 'Account.';
comment on column trade.positions.symbol is 'Instrument.';
comment on column trade.positions.quantity is 'Signed shares; 0 for a closed position.';
comment on column trade.positions.average_price is
'USD a share held, first in first out, fees aside; NULL for a closed position or an unknown cost.';
comment on column trade.positions.cost is
'USD paid for what is held (negative: received for what is short); NULL where adjustments hide it.';
comment on column trade.positions.realized_pnl is 'USD gained by what was closed, before fees; NULL where adjustments hide it.';
comment on column trade.positions.fees is 'USD paid in fees for all its fills.';
comment on column trade.positions.adjusted_quantity is
'Signed shares of the position that are adjustments, neither fills nor what a split made of them.';
comment on column trade.positions.first_fill_at is 'Instant of the first fill.';
comment on column trade.positions.last_fill_at is 'Instant of the latest fill.';
comment on column trade.positions.last_session is 'Exchange date of the latest fill.';
comment on column trade.positions.fill_count is 'Number of fills.';
