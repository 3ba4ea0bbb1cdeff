-- Proves: I9 (by the brokers id, idempotent, in any order; none is lost); MQ240, MQ362.
begin;
select plan(14);

select fixtures.released();
create function pg_temp.execute(p_change jsonb default '{}') returns text language sql as $$
    select trade.record_execution('test', jsonb_build_object('execution_id', 'x1', 'client_order_id', fixtures.aaa(), 'broker_order_id', 'b1', 'symbol', 'AAA',
        'side', 'BUY', 'quantity', 60, 'price', 100, 'fee', 0.5, 'price_basis', 'raw', 'session', '2020-01-07', 'filled_at', '2020-01-07T15:00:00Z') || p_change)
$$;
select is(pg_temp.execute(), 'BOOKED', 'before its acknowledgement');
select is(pg_temp.execute(), 'KNOWN', 'once');
select is(o.state, 'PARTIAL', 'partly filled') from trade.orders as o;
select is(pg_temp.execute('{"price": 101}'), 'BREAK', 'the same id with another price');
select is(concat_ws(' ', b.kind, b.symbol, b.subject, b.evidence ->> 'fault'), 'EXECUTION AAA x1 MQ315', 'a break, with both') from trade.open_breaks as b;
select is(pg_temp.execute('{"price": 101}'), 'BREAK', 'is raised once');
select is(count(*), 1::bigint, 'one') from trade.breaks;
select is(pg_temp.execute('{"execution_id": "x2", "quantity": 41}'), 'BREAK', 'more than ordered');
select is(pg_temp.execute('{"execution_id": "x3", "side": "SELL", "quantity": 1}'), 'BREAK', 'another side');
select is(pg_temp.execute('{"execution_id": "x4", "quantity": 40}'), 'BOOKED', 'and the next one is booked all the same');
select is(pg_temp.execute('{"execution_id": "x5", "client_order_id": null, "broker_order_id": "zz"}'), 'UNKNOWN', 'of an order no report has named');
select trade.record_orphans('test', jsonb_build_array(fixtures.report('{"client_order_id": "theirs", "broker_order_id": "zz"}')));
select is(pg_temp.execute('{"execution_id": "x5", "client_order_id": null, "broker_order_id": "zz"}'), 'NOT_OURS', 'nobody''s');
select throws_ok($$select pg_temp.execute('{"quantity": "many"}')$$, 'MQ362', null, 'not to be read');
select throws_ok($$select trade.record_execution('none', '{}')$$, 'MQ240', null, 'no such account');

select * from finish();
rollback;
