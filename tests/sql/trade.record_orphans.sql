-- Proves: I11 (an order nobody placed kills; before the adoption it waits); MQ240, MQ361.
begin;
select plan(11);

select fixtures.released();
update trade.accounts set broker = 'alpaca', broker_account_id = 'acct-1';
select is(trade.record_orphans('test', jsonb_build_array(fixtures.report())), 0, 'our own is none');
select is(trade.record_orphans('test', '[]'), 0, 'none of none');
create function pg_temp.foreign(p_id text) returns jsonb language sql as $$
    select jsonb_build_array(fixtures.report(jsonb_build_object('client_order_id', 'theirs-' || p_id, 'broker_order_id', p_id)))
$$;
select is(trade.record_orphans('test', pg_temp.foreign('f1')), 1, 'known before the adoption');
select is(ops.kill_engaged(false), false, 'it does not kill');
select trade.record_snapshot('test', 'w', fixtures.reading());
select is(trade.release_gate('test'), 'ADOPTION_PENDING', 'but nothing is adopted by itself');
select trade.adopt_account('test', 'known to us');
select is(trade.record_orphans('test', pg_temp.foreign('f1')), 0, 'known, after it');
select is(trade.record_orphans('test', pg_temp.foreign('f2')), 1, 'a new one');
select is(string_agg(s.source, ','), 'orphan', 'kills') from ops.kill_sources as s;
select is(trade.record_orphans('test', pg_temp.foreign('f2')), 0, 'once');
select throws_ok($$select trade.record_orphans('none', '[]')$$, 'MQ240', null, 'no such account');
select throws_ok($$select trade.record_orphans('test', '[{"client_order_id": "x"}]')$$, 'MQ361', null, 'a report without the broker''s id');

select * from finish();
rollback;
