-- Proves: I4, I10, I12, I20, I3 (release checks everything again; each order goes to one worker); MQ240, MQ324.
begin;
select plan(26);

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

select pg_temp.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}, {"symbol": "CCC", "leg": "entry", "side": "SELL", "quantity": 10}]');
create function pg_temp.claim(p_worker text, p_count integer default 10) returns table (symbol text, token bigint, post_attempt integer, in_doubt boolean) language sql as $$
    select c.symbol, c.fencing_token, c.post_attempt, c.in_doubt from trade.claim_orders('test', p_worker, 60, p_count) as c
$$;
select is_empty($$select * from pg_temp.claim('a')$$, 'an order whose run is open is not released: its decisions are not committed');
select is(string_agg(o.state, ','), 'PENDING,PENDING', 'it waits') from trade.orders as o;
update decide.cycle_runs set state = 'DONE', reason = 'DONE', closed_at = ops.now();

savepoint s;
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select is_empty($$select * from pg_temp.claim('a')$$, 'a kill releases nothing (I12)');
select is(string_agg(o.state, ','), 'PENDING,PENDING', 'and ends nothing') from trade.orders as o;
rollback to s;
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'test', ops.now());
select is_empty($$select * from pg_temp.claim('a')$$, 'under another configuration nothing is released (I20)');
select is(string_agg(distinct concat_ws(' ', o.state, o.refused_by, o.unsent), ','), 'REJECTED CONFIG_HASH t', 'the orders end refused, unsent') from trade.orders as o;
rollback to s;
alter table decide.cycle_runs disable trigger all;
update decide.cycle_runs set state = 'FAILED';
select is_empty($$select * from pg_temp.claim('a')$$, 'orders of a run that did not end DONE are not released');
select is(string_agg(distinct concat_ws(' ', o.state, o.refused_by), ','), 'REJECTED RUN_NOT_DONE', 'they end refused') from trade.orders as o;
rollback to s;
select ops.advance_clock('2020-01-07 21:00+00');
select is_empty($$select * from pg_temp.claim('a')$$, 'once the trade session is over nothing is released (I10)');
select is(string_agg(distinct concat_ws(' ', o.state, o.unsent), ','), 'EXPIRED t', 'the orders expire unsent') from trade.orders as o;
rollback to s;
delete from market.price_history where symbol = 'AAA' and session = '2020-01-06';
select results_eq($$select symbol from pg_temp.claim('a')$$, array['CCC'], 'an order whose price is gone is not released');
select is(o.refused_by, 'price_freshness', 'it is refused by the check') from trade.orders as o where o.symbol = 'AAA';
rollback to s;
-- A limit tightened since: 0.9 % of NAV per name.
insert into govern.limits (limit_name, version, config_sha256, threshold, bound, unit, action, source, ruling, reason, effective_from)
values ('name_concentration', 2, repeat('a', 64), 0.009, 'upper', 'test', 'REJECT', 'tightened', 'I20', 'test', ops.now());
select results_eq($$select symbol from pg_temp.claim('a')$$, array['CCC'], 'a limit tightened since holds at release, too');
select is(concat_ws(' ', o.state, o.refused_by, e.detail -> 'refused' -> 0 ->> 'observed'), 'REJECTED name_concentration 0.01000000000000000000',
    'with the evidence') from trade.orders as o join trade.order_events as e on e.client_order_id = o.client_order_id and e.event = 'refused'
where o.symbol = 'AAA';
rollback to s;
select results_eq($$select * from pg_temp.claim('a', 1)$$, $$values ('AAA', 1::bigint, 1, false)$$, 'the count is kept');
select results_eq($$select * from pg_temp.claim('b')$$, $$values ('CCC', 1::bigint, 1, false)$$, 'another worker gets the other one');
select is_empty($$select * from pg_temp.claim('c')$$, 'a third one nothing');
select results_eq($$select o.symbol, o.state, o.lease_owner, o.submitted_at from trade.orders as o order by o.symbol$$,
    $$values ('AAA', 'SUBMITTED', 'a', ops.now()), ('CCC', 'SUBMITTED', 'b', ops.now())$$, 'released under a lease');
update trade.orders set lease_until = clock_timestamp() - interval '1 second' where symbol = 'AAA';
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select results_eq($$select * from pg_temp.claim('c')$$, $$values ('AAA', 2::bigint, 1, true)$$,
    'a lease that is over hands the order over in doubt, with a higher token and no further POST, also under a kill');
select is(count(*), 3::bigint, 'each claim is an audit event') from audit.audit_log where event = 'order.submitted';
select throws_ok($$select trade.claim_orders('none', 'a', 60, 1)$$, 'MQ240', null, 'no such account');
select throws_ok($$select trade.claim_orders('test', '', 60, 1)$$, 'MQ324', null, 'no worker');
select throws_ok($$select trade.claim_orders('test', 'a', 0, 1)$$, 'MQ324', null, 'no lease');
select throws_ok($$select trade.claim_orders('test', 'a', 60, null)$$, 'MQ324', null, 'no count');
set local role fund_broker;
select lives_ok($$select trade.claim_orders('test', 'a', 60, 1)$$, 'the broker worker claims');
set local role fund_decider;
select throws_ok($$select trade.claim_orders('test', 'a', 60, 1)$$, '42501', null, 'the decider does not');
reset role;

select * from finish();
rollback;
