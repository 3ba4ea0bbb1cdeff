-- Proves: I8, I11 (nothing to adopt is adopted); MQ240, MQ363.
begin;
select plan(16);

select fixtures.desk();
update trade.accounts set broker = 'alpaca', broker_account_id = 'acct-1';
create function pg_temp.read(p_change jsonb default '{}') returns text language sql as $$
    select concat_ws(' ', s.clean, s.verdict, s.breaks) from trade.record_snapshot('test', 'w', fixtures.reading(p_change)) as s
$$;
select is(pg_temp.read('{"complete": false}'), 'f SNAPSHOT_INCOMPLETE 0', 'incomplete');
select is_empty('select 1 from trade.adoptions', 'adopts nothing');
select is(pg_temp.read(), 't CLEAN 0', 'equal books');
select is(a.reason, 'NOTHING_TO_ADOPT', 'are adopted by themselves') from trade.adoptions as a;
select is(pg_temp.read('{"positions": {"AAA": "1"}}'), 'f DIFFERENT_POSITION 0', 'a difference is no break at once');
select is(pg_temp.read('{"complete": false}'), 'f SNAPSHOT_INCOMPLETE 0', 'an incomplete reading confirms nothing');
select is(pg_temp.read('{"positions": {"AAA": "1"}, "age_seconds": 60}'), 'f DIFFERENT_POSITION 0', 'nor does one that began before that was recorded');
select is(pg_temp.read('{"positions": {"AAA": "1"}}'), 'f DIFFERENT_POSITION 1', 'the second complete one with it does');
select is(pg_temp.read('{"positions": {"AAA": "1"}}'), 'f DIFFERENT_POSITION 0', 'raised once');
select is(pg_temp.read('{"broker_account_id": "other"}'), 'f DIFFERENT_ACCOUNT_ID 1', 'another account is one at once');
select is(pg_temp.read('{"blocked": ["trading_blocked"]}'), 'f ACCOUNT_BLOCKED 0', 'a blocked account');
select is(pg_temp.read('{"status": "ACCOUNT_CLOSED"}'), 'f ACCOUNT_BLOCKED 0', 'one that is not active');
select is(string_agg(a.code || ' ' || a.level, ',' order by a.code), 'ACCOUNT_BLOCKED HIGH,SNAPSHOT_INCOMPLETE MEDIUM', 'each is an alert, once')
from notify.alerts as a where a.code in ('ACCOUNT_BLOCKED', 'SNAPSHOT_INCOMPLETE');
select throws_ok($$select pg_temp.read('{"age_seconds": -1}')$$, 'MQ363', null, 'from the future');
select throws_ok($$select pg_temp.read('{"cash": "much"}')$$, 'MQ363', null, 'not to be read');
select throws_ok($$select trade.record_snapshot('none', 'w', '{}')$$, 'MQ240', null, 'no such account');

select * from finish();
rollback;
