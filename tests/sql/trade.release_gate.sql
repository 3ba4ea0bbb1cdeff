-- Proves: I8 (an account that is not reconciled, or halted, releases nothing), I11; MQ240.
begin;
select plan(13);

select fixtures.desk();
select is(trade.release_gate('test'), null, 'the paper exchange keeps its book here');
update trade.accounts set broker = 'alpaca', broker_account_id = 'acct-1';
select is(trade.release_gate('test'), 'NO_SNAPSHOT', 'a broker outside must be read first');
select trade.record_snapshot('test', 'w', fixtures.reading('{"positions": {"AAA": "5"}}'));
select is(trade.release_gate('test'), 'ADOPTION_PENDING', 'what was there at the first connection waits for an operator');
select trade.adopt_account('test', 'moved here');
select is(trade.release_gate('test'), 'DIFFERENT_POSITION', 'the last reading is not clean');
select trade.record_snapshot('test', 'w', fixtures.reading('{"positions": {"AAA": "5"}}'));
select is(trade.release_gate('test'), null, 'a clean one opens');
select trade.record_snapshot('test', 'w', '{"complete": false, "age_seconds": 0}');
select is(trade.release_gate('test'), 'SNAPSHOT_INCOMPLETE', 'an incomplete one freezes');
select trade.record_snapshot('test', 'w', fixtures.reading('{"positions": {"AAA": "5"}, "age_seconds": 301}'));
select is(trade.release_gate('test'), 'SNAPSHOT_STALE', 'an old one, too');
select trade.record_snapshot('test', 'w', fixtures.reading('{"positions": {"AAA": "5"}, "age_seconds": 300}'));
select is(trade.release_gate('test'), null, 'as old as allowed passes');
savepoint s;
alter table trade.broker_snapshots disable trigger all;
update trade.broker_snapshots set taken_at = ops.now() + interval '5 hours';
select is(trade.release_gate('test'), 'SNAPSHOT_STALE', 'nor one of before the clock was set back: its age is not known');
rollback to s;
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'test', ops.now());
select is(trade.release_gate('test'), 'SNAPSHOT_STALE', 'without the limit in force nothing passes (I17)');
select trade.report_break('test', 'CLOCK', null, null, '{}');
select is(trade.release_gate('test'), 'HALTED', 'a halt comes first');
select throws_ok($$select trade.release_gate('none')$$, 'MQ240', null, 'no such account');
set local role fund_notifier;
select throws_ok($$select trade.release_gate('test')$$, '42501', null, 'not everybody''s question');
reset role;

select * from finish();
rollback;
