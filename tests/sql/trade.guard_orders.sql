-- Proves: I3, I9 (birth, wish and states of an order, also against its owner); MQ306, MQ307, MQ308, MQ309.
begin;
select plan(19);

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

select pg_temp.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 10}]');
-- Every pair of states, from a row that stands in the first: moved by the table's owner, allowed exactly where the table says so.
create function pg_temp.try_move(p_from text, p_to text) returns boolean language plpgsql as $$
begin
    alter table trade.orders disable trigger orders_move_by_rule;
    update trade.orders set state = p_from, refused_by = null, post_attempt = 1, closed_at = null;
    alter table trade.orders enable always trigger orders_move_by_rule;
    set local role fund_owner;
    update trade.orders set state = p_to;
    raise exception using errcode = 'TTTTT';
exception
    when sqlstate 'TTTTT' then return true;
    when sqlstate 'MQ307' then return false;
end;
$$;
select bag_eq(
    $$select a.state as from_state, b.state as to_state from trade.order_states as a, trade.order_states as b where a.state <> b.state and pg_temp.try_move(a.state, b.state)$$,
    'select from_state, to_state from trade.order_transitions', 'the owner moves a state along the transitions, and along no other pair'
);
reset role;
set local session_replication_role = 'replica';
select throws_ok($$update trade.orders set state = 'FILLED'$$, 'MQ307', null, 'a superuser who switches triggers off meets it: it is always enabled');
select throws_ok($$delete from trade.orders$$, 'MQ308', null, 'no order is deleted');
select throws_ok($$truncate trade.orders cascade$$, 'MQ308', null, 'none is truncated');
set local session_replication_role = 'origin';
select throws_ok($$update trade.orders set quantity = 11$$, 'MQ306', null, 'the quantity never changes');
select throws_ok($$update trade.orders set trade_session = '2020-01-08'$$, 'MQ306', null, 'nor the session it expires with');
select throws_ok($$update trade.orders set config_sha256 = repeat('b', 64)$$, 'MQ306', null, 'nor the configuration it was placed under');
select throws_ok($$update trade.orders set client_order_id = 'x'$$, 'MQ306', null, 'nor its id');
select is(
    array(
        select a.attname::text from pg_attribute as a
        where a.attrelid = 'trade.orders'::regclass and a.attnum > 0 and not a.attisdropped and a.attname not in (
            'state', 'refused_by', 'unsent', 'in_doubt', 'post_attempt', 'lease_owner', 'lease_until', 'fencing_token', 'broker_order_id',
            'submitted_at', 'closed_at'
        ) order by a.attnum
    ),
    array['client_order_id', 'account', 'cycle_id', 'run', 'symbol', 'leg', 'revision', 'side', 'quantity', 'order_type', 'time_in_force',
        'limit_price', 'stop_price', 'reference_price', 'price_basis', 'trade_session', 'config_sha256', 'placed_at', 'recorded_at'],
    'the wish is every column that is not named as moving'
);
update trade.orders set state = 'SUBMITTED', fencing_token = 5, post_attempt = 2;
select throws_ok($$update trade.orders set fencing_token = 4$$, 'MQ307', null, 'a fencing token never falls');
select throws_ok($$update trade.orders set post_attempt = 1$$, 'MQ307', null, 'nor do POSTs');
update trade.orders set state = 'ACKNOWLEDGED', broker_order_id = 'b';
select throws_ok($$update trade.orders set broker_order_id = 'c'$$, 'MQ307', null, 'the broker''s id stays');
update trade.orders set state = 'FILLED', closed_at = ops.now();
select throws_ok($$update trade.orders set in_doubt = true$$, 'MQ307', null, 'a terminal row is never touched again');
create function pg_temp.born(p_change jsonb) returns void language sql as $$
    insert into trade.orders
    select (jsonb_populate_record(o, '{"client_order_id": "new", "leg": "exit", "post_attempt": 0, "broker_order_id": null, "state": "PENDING"}'::jsonb || p_change)).*
    from trade.orders as o
$$;
select throws_ok($$select pg_temp.born('{"state": "SUBMITTED"}')$$, 'MQ309', null, 'no order is born submitted');
select throws_ok($$select pg_temp.born('{"state": "FILLED"}')$$, 'MQ309', null, 'nor filled');
select throws_ok($$select pg_temp.born('{"state": "REJECTED"}')$$, 'MQ309', null, 'nor rejected by nothing');
select throws_ok($$select pg_temp.born('{"refused_by": "x"}')$$, 'MQ309', null, 'nor pending and refused');
select throws_ok($$select pg_temp.born('{"post_attempt": 1}')$$, 'MQ309', null, 'nor sent');
select lives_ok($$select pg_temp.born('{}')$$, 'an order is born pending');

select * from finish();
rollback;
