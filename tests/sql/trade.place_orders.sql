-- Proves: I1, I12, I16, I17, I20, A5, HELD, F14, F15, F18 (the database has the last word on every order); MQ230, MQ244, MQ301, MQ303.
begin;
select plan(22);

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

-- Boundaries, in one basket: AAA fills its name to 10 % exactly; BBB the sector to 15 %, to the ten-thousandth of a share.
select results_eq(
    $$select * from pg_temp.place('[
        {"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": "1000"},
        {"symbol": "BBB", "leg": "entry", "side": "BUY", "quantity": "1000.0001"},
        {"symbol": "CCC", "leg": "entry", "side": "SELL", "quantity": 100.5},
        {"symbol": "DDD", "leg": "entry", "side": "SELL", "quantity": 100}
    ]')$$,
    $$values ('AAA', 'PENDING', null), ('BBB', 'REJECTED', 'sector'), ('CCC', 'REJECTED', 'NO_FRACTIONAL_SHORT'),
        ('DDD', 'REJECTED', 'SHORTABLE_ONLY')$$,
    'at a threshold it is placed, one ten-thousandth of a share above it is refused; every refusal is a row'
);
select is(e.detail -> 'refused', '[{"limit_name": "sector", "observed": 0.15000000500000000000, "threshold": 0.15, "reason": "ABOVE_LIMIT"}]'::jsonb,
    'the event says what was observed') from trade.order_events as e join trade.orders as o using (client_order_id) where o.symbol = 'BBB';
select results_eq(
    $$select * from pg_temp.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 1000}]')$$,
    $$values ('AAA', 'PENDING', null)$$, 'the same intent again is the same row (I1)'
);
select is(count(*), 4::bigint, 'and no further one') from trade.orders;
select throws_ok($$select pg_temp.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 999}]')$$, 'MQ305', null, 'another body is an error');
-- Two baskets cumulate: 10 % of AAA are ordered, not filled, and count.
select results_eq(
    $$select * from pg_temp.place('[{"symbol": "AAA", "leg": "hedge", "side": "BUY", "quantity": 0.0101},
        {"symbol": "CCC", "leg": "hedge", "side": "BUY", "quantity": 500}]')$$,
    $$values ('AAA', 'REJECTED', 'name_concentration'), ('CCC', 'PENDING', null)$$, 'a second basket counts the first one''s open orders (I16)'
);
select is(o.state, 'REJECTED', 'a refused order stays refused') from trade.orders as o where o.symbol = 'DDD';
-- Misuse.
select throws_ok($$select pg_temp.place('[{"symbol": "ZZZ", "leg": "entry", "side": "BUY", "quantity": 1}]')$$, 'MQ304', null, 'an unknown symbol');
select throws_ok($$select trade.place_orders(repeat('2', 32), 1, '[]')$$, 'MQ244', null, 'no such run');
savepoint s;
update decide.cycle_runs set lease_until = clock_timestamp() - interval '1 second';
select throws_ok($$select pg_temp.place('[]')$$, 'MQ301', null, 'the lease is over');
rollback to s;
update decide.cycle_runs set state = 'DONE', reason = 'DONE', closed_at = ops.now();
select throws_ok($$select pg_temp.place('[]')$$, 'MQ244', null, 'the run is closed');
rollback to s;
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'test', ops.now());
select throws_ok($$select pg_temp.place('[]')$$, 'MQ230', null, 'the cycle''s configuration is not the pinned one (I20)');
rollback to s;
alter table decide.cycles disable trigger all;
update decide.cycles set mode = 'shadow';
select throws_ok($$select pg_temp.place('[]')$$, 'MQ303', null, 'a shadow cycle places nothing');
rollback to s;
-- A kill.
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select results_eq(
    $$select * from pg_temp.place('[{"symbol": "DDD", "leg": "hedge", "side": "BUY", "quantity": 1}, {"symbol": "BBB", "leg": "hedge", "side": "BUY", "quantity": 1}]')$$,
    $$values ('DDD', 'REJECTED', 'KILL_SWITCH'), ('BBB', 'REJECTED', 'KILL_SWITCH')$$, 'a kill refuses every order, as rows (I12)'
);
rollback to s;
-- Unreadable inputs, each with its limit's name (I17).
alter table trade.nav disable trigger all;
delete from trade.nav;
select results_eq($$select * from pg_temp.place('[{"symbol": "DDD", "leg": "hedge", "side": "BUY", "quantity": 1}]')$$,
    $$values ('DDD', 'REJECTED', 'nav_freshness')$$, 'no NAV of the session');
rollback to s;
delete from market.price_history where symbol = 'BBB' and session = '2020-01-06';
select results_eq($$select * from pg_temp.place('[{"symbol": "BBB", "leg": "hedge", "side": "BUY", "quantity": 1}]')$$,
    $$values ('BBB', 'REJECTED', 'price_freshness')$$, 'no price');
rollback to s;
update market.price_history set close = 51, high = 51 where symbol = 'BBB' and session = '2020-01-06';
select results_eq($$select * from pg_temp.place('[{"symbol": "BBB", "leg": "hedge", "side": "BUY", "quantity": 1}]')$$,
    $$values ('BBB', 'REJECTED', 'price_freshness')$$, 'a price restated since the gate');
rollback to s;
alter table govern.limits disable trigger all;
delete from govern.limits where limit_name = 'order_value';
select results_eq($$select * from pg_temp.place('[{"symbol": "DDD", "leg": "hedge", "side": "BUY", "quantity": 1}]')$$,
    $$values ('DDD', 'REJECTED', 'order_value')$$, 'a limit that is not in force');
rollback to s;
alter table decide.cycle_inputs disable trigger all;
update decide.cycle_inputs set governance_state = 'DEGRADED', governance_reasons = '{X}' where symbol = 'DDD';
select results_eq($$select * from pg_temp.place('[{"symbol": "DDD", "leg": "hedge", "side": "BUY", "quantity": 1}]')$$,
    $$values ('DDD', 'REJECTED', 'symbol_active')$$, 'a symbol that is not ACTIVE (F18)');
rollback to s;
-- Roles.
set local role fund_decider;
select is(count(*), 0::bigint, 'the decider places baskets') from trade.place_orders(repeat('1', 32), 1, '[]');
select throws_ok($$insert into trade.orders (client_order_id) values ('x')$$, '42501', null, 'but writes no order itself');
set local role fund_broker;
select throws_ok($$select * from trade.place_orders(repeat('1', 32), 1, '[]')$$, '42501', null, 'the broker worker places nothing');
reset role;

select * from finish();
rollback;
