-- Proves: I12 (once per finished run with orders that wait, and for no other).
begin;
select plan(4);
select fixtures.desk();
select is(trade.recheck_pending('test'), '{}', 'no order waits');
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 10}, {"symbol": "CCC", "leg": "entry", "side": "BUY", "quantity": 1}]');
select is(trade.recheck_pending('test'), '{}', 'a run that is open is not asked about: its orders do not leave');
select fixtures.done();
select is(trade.recheck_pending('test'), jsonb_build_object(repeat('1', 32) || '/1', '{}'::jsonb), 'one that is done is, once');
select is(trade.recheck_pending('none'), '{}', 'another account');
select * from finish();
rollback;
