-- Proves: I8, I17 (what is missing differs), I25, I31.
begin;
select plan(14);

select fixtures.released();
select fixtures.external();
select fixtures.hold('BBB', 5);
select trade.record_ack(fixtures.aaa(), 1, 'b1', null);
create function pg_temp.kinds(p_change jsonb) returns text language sql as $$
    select coalesce(string_agg(concat_ws(' ', d ->> 'kind', d ->> 'symbol', d ->> 'ours', d ->> 'theirs'), ', '), '')
    from jsonb_array_elements(trade.snapshot_differences('test', fixtures.reading('{"positions": {"BBB": "5"}}'
        || jsonb_build_object('open_orders', jsonb_build_array(fixtures.aaa())) || p_change)) - array['subject']) as d
$$;
select is(pg_temp.kinds('{}'), '', 'equal books');
select is(pg_temp.kinds('{"positions": {"CCC": "1"}}'), 'POSITION BBB 5 0, POSITION CCC 0 1', 'a position that is missing and one that is new');
select is(pg_temp.kinds('{"cash": "999998.99"}'), 'CASH 1000000 999998.99', 'cash beyond the tolerance');
select is(pg_temp.kinds('{"cash": null}'), 'CASH 1000000', 'no cash is a difference');
select is(pg_temp.kinds('{"broker_account_id": "other"}'), 'ACCOUNT_ID acct-1 other', 'another account');
select is(left(pg_temp.kinds('{"broker_at": "2020-01-06T21:29:29Z"}'), 5), 'CLOCK', 'a clock 31 s behind');
select is(left(pg_temp.kinds('{"broker_at": null}'), 5), 'CLOCK', 'none');
select is(trade.snapshot_differences('test', fixtures.reading('{"positions": {"BBB": "5"}}') - 'open_orders') -> 0 ->> 'kind', 'ORDER_MISSING', 'no list has none of ours');
select is(pg_temp.kinds('{"open_orders": []}'), 'ORDER_MISSING AAA ACKNOWLEDGED', 'an order of ours in no list');
select is(pg_temp.kinds('{"positions": {"BBB": "5.0001"}}'), '', 'within the tolerance');
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at)
values ('test', 'dividend', 30, 'BBB', '2020-01-06', ops.now()), ('test', 'dividend', -12, 'CCC', '2020-01-03', ops.now()),
    ('test', 'dividend', 7, 'old', '2019-10-01', ops.now());
select is(pg_temp.kinds(c.change::jsonb), '', c.change) from (values
    ('{"cash": "1000025"}'), ('{"cash": "999995"}')
) as c (change);
select is(pg_temp.kinds('{"cash": "1000007"}'), '', 'nor either of the two paid');
select is(pg_temp.kinds('{"cash": "1000018"}'), 'CASH 1000025 1000018', 'one of long ago must be there');

select * from finish();
rollback;
