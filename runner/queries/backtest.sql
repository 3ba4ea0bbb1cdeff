-- A backtest: the fund's market data into a database of its own, and what came of deciding over it.

-- name: copies
-- What is copied, in the order of its references: statements that read a table here and write it there, all columns but those
-- that lead to what stays (payloads, askings). A table that deploy has filled already takes in what it lacks.
select
    t.relation,
    pg_catalog.format('copy (select %%s from %%s) to stdout (format binary)', c.names, t.relation) as read,
    pg_catalog.format(
        'copy %%s (%%s) from stdin (format binary)', case when t.is_filled then 'incoming' else t.relation end, c.names
    ) as write,
    case when t.is_filled then pg_catalog.format('create temporary table incoming (like %%s)', t.relation) end as before,
    case when t.is_filled then pg_catalog.format(
        'insert into %%1$s (%%2$s) select %%2$s from incoming on conflict do nothing; drop table incoming', t.relation, c.names
    ) end as after
from (
        values
        (1, 'ref.calendars', true), (2, 'ref.sessions', true), (3, 'ref.instruments', true), (4, 'ref.universe', true),
        (5, 'ref.providers', true), (6, 'market.ingest_batches', false), (7, 'market.provider_bars', false),
        (8, 'market.price_history', false), (9, 'market.quarantined_bars', false), (10, 'market.corporate_actions', false),
        (11, 'market.fundamentals', false), (12, 'market.news', false), (13, 'market.headline_opinions', false),
        (14, 'market.absences', false)
    ) as t (place, relation, is_filled)
    cross join lateral (
        select pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' order by a.attnum) as names
        from pg_catalog.pg_attribute as a
        where a.attrelid = t.relation::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
            and a.attname not in ('payload_id', 'fetch_id')
    ) as c
order by t.place

-- name: is_empty
select not exists (select from ref.instruments)

-- name: bars
select min(b.session) as first, max(b.session) as last, count(*) as bars, count(distinct b.symbol) as symbols
from market.price_history as b

-- name: reached
-- The session of the account's newest cycle: where a backtest that was stopped goes on.
select max(c.as_of_session) from audit.cycles as c where c.account = %(account)s

-- name: marks
select n.session, n.nav::float8 as nav, n.cash::float8 as cash, n.long_value::float8 as long_value,
    n.short_value::float8 as short_value, n.period_return
from audit.nav_history as n
where n.account = %(account)s and n.session <= %(last)s
order by n.session

-- name: benchmark
select p.session, p.symbol, p.close_f9 as close, i.asset_class
from (
        select b.symbol, b.asset_class from ref.instruments as b
        where b.is_benchmark and b.calendar = %(calendar)s and b.asset_class in ('index', 'etf')
        order by b.asset_class, b.symbol collate "C" limit 1
    ) as i
    cross join lateral market.adjusted_prices(ops.now(), clock_timestamp(), array[i.symbol]) as p
order by p.session

-- name: trading
select
    count(*)::integer as orders,
    count(*) filter (where o.filled_quantity > 0)::integer as filled,
    count(*) filter (where o.state = 'REJECTED')::integer as refused,
    coalesce(sum(o.filled_quantity * o.average_price), 0)::float8 as traded,
    coalesce(sum(o.fees), 0)::float8 as fees
from audit.orders as o
where o.account = %(account)s and o.trade_session <= %(last)s

-- name: cycles
select c.state, coalesce(c.reason, '') as reason, c.layer, count(*)::integer as sessions, min(c.as_of_session) as first,
    max(c.as_of_session) as last
from audit.cycles as c
where c.account = %(account)s and c.as_of_session <= %(last)s
group by c.state, c.reason, c.layer
order by min(c.as_of_session)

-- name: kills
select k.source, k.reason, k.occurred_at
from audit.kill_switch_history as k
where k.action = 'engage' and k.occurred_at < (%(last)s::date + 1)::timestamptz
order by k.event_id
