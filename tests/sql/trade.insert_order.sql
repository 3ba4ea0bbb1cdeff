-- Proves: I3, I21 (row and event together).
begin;
select plan(2);

-- Fixture: five sessions, four shares (DDD not shortable), limits as shipped, an account of 1,000,000 USD opened on Monday, and an
-- open run of Monday's cycle in which all four are ACTIVE. Closes: AAA 100, BBB 50, CCC 200, DDD 10.
insert into ref.calendars (calendar, name, time_zone) values ('XTST', 'Test', 'UTC');
insert into ref.sessions (calendar, session, opens_at, closes_at, half_day, session_number)
select 'XTST', d::date, d + interval '14 hours 30 minutes', d + interval '21 hours', false, d::date - date '2020-01-06'
from generate_series(timestamptz '2020-01-06 00:00+00', '2020-01-10 00:00+00', '1 day') as d;
insert into ref.providers (provider, priority, price_basis, price_kind, delay_minutes, description)
values ('tester', 900, 'raw', 'ohlcv', 0, 'fixture');
insert into ref.instruments (
    symbol, name, asset_class, calendar, currency, price_kind, price_basis, tradable, shortable, is_benchmark
)
select s, s, 'equity', 'XTST', 'USD', 'ohlcv', 'raw', true, s <> 'DDD', false from unnest(array['AAA', 'BBB', 'CCC', 'DDD']) as s;
insert into ref.universe (symbol, sector, valid_from)
values ('AAA', 'Energy', '2000-01-01'), ('BBB', 'Energy', '2000-01-01'), ('CCC', 'Health Care', '2000-01-01'),
    ('DDD', 'Utilities', '2000-01-01');
insert into market.price_history (
    symbol, session, open, high, low, close, provider, revision, price_kind, price_basis, known_at, recorded_at
)
select p.symbol, s.session, p.close, p.close, p.close, p.close, 'tester', 0, 'ohlcv', 'raw', s.closes_at, s.closes_at
from (values ('AAA', 100), ('BBB', 50), ('CCC', 200), ('DDD', 10)) as p (symbol, close)
    join ref.sessions as s on s.calendar = 'XTST';
insert into ops.simulated_clocks (instant) values ('2020-01-06 21:30+00');
insert into govern.config_versions (config_sha256, body, parsed) values (repeat('a', 64), '', '{}'), (repeat('b', 64), '', '{}');
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('a', 64), 'fixture', ops.now());
insert into govern.limits (
    limit_name, version, config_sha256, threshold, bound, unit, action, source, ruling, reason, effective_from
)
select l.name, 1, repeat('a', 64), l.threshold, 'upper', 'test', 'REJECT', 'file', 'I16', 'fixture', ops.now()
from (
    values ('order_value', 1000000), ('basket_value', 2000000), ('name_concentration', 0.1), ('open_orders_per_symbol', 5),
        ('daily_message_count', 1000), ('repeated_execution_count', 10), ('price_collar', 0.1), ('turnover', 0.2), ('gross', 1.0),
        ('long', 0.6), ('short', 0.4), ('sector', 0.15)
) as l (name, threshold);
select trade.open_account('test', 'paper', 'paper', 'XTST', 1000000, null, '2020-01-06');
insert into decide.cycles (
    cycle_id, account, mode, strategy, as_of_session, slot, config_sha256, as_of, trade_session, created_at
)
values (repeat('1', 32), 'test', 'paper', 's', '2020-01-06', 'close', repeat('a', 64), '2020-01-06 21:30+00', '2020-01-07', ops.now());
insert into decide.cycle_runs (
    cycle_id, run, account, state, opened_at, recorded_before, lease_until, host, pid, code_version, versions
)
values (repeat('1', 32), 1, 'test', 'OPEN', ops.now(), clock_timestamp(), clock_timestamp() + interval '1 hour', 'h', 1, 'v', '{}');
insert into decide.cycle_inputs (
    cycle_id, run, account, symbol, in_universe, sector, asset_class, shortable, governance_state, governance_reasons,
    data_quality_score, provider_confidence, valid_sessions, last_session, last_close, price_kind, price_basis, features
)
select repeat('1', 32), 1, 'test', i.symbol, true, u.sector, i.asset_class, i.shortable, 'ACTIVE', '{}', 1, 1, 1260, '2020-01-06', h.close,
    i.price_kind, i.price_basis, '{}'
from ref.instruments as i
    join ref.universe as u on u.symbol = i.symbol
    join market.price_history as h on h.symbol = i.symbol and h.session = '2020-01-06';

create function pg_temp.place(p_intents jsonb) returns table (symbol text, state text, refused_by text) language sql as $$
    select p.symbol, p.state, p.refused_by from trade.place_orders(repeat('1', 32), 1, p_intents) as p
$$;

create function pg_temp.insert(p_leg text, p_refused_by text) returns void language sql as $$
    select trade.insert_order(trade.basket(repeat('1', 32), 1), i, p_leg, c, p_refused_by, '[{"limit_name": "x"}]')
    from jsonb_populate_record(null::govern.order_intents, jsonb_build_object('symbol', 'AAA', 'leg', p_leg, 'side', 'BUY', 'quantity', 5, 'order_type', 'MARKET', 'time_in_force', 'DAY', 'revision', 0)) as i,
        trade.order_context(trade.basket(repeat('1', 32), 1), i, trade.order_book('test', '2020-01-06', array['AAA']), false) as c
$$;
select pg_temp.insert('entry', null), pg_temp.insert('hedge', 'x');
select results_eq($$select client_order_id, state, refused_by, unsent, closed_at is not null, reference_price, price_basis, trade_session from trade.orders order by 1$$,
    $$values ('entry', 'PENDING', null, false, false, 100::double precision, 'raw', date '2020-01-07'), ('hedge', 'REJECTED', 'x', true, true, 100, 'raw', '2020-01-07')$$, 'the rows');
select results_eq($$select event, to_state, detail ->> 'refused_by', detail ->> 'order_value' from trade.order_events order by 1$$,
    $$values ('placed', 'PENDING', null, '500'), ('refused', 'REJECTED', 'x', '500')$$, 'the events');

select * from finish();
rollback;
