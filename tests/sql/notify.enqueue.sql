-- Proves: F16: key is category + symbol + code within the window, of one account; CRITICAL is never deduplicated.
begin;
select plan(15);
alter table notify.alerts drop constraint alerts_account_fkey;
select ops.advance_clock('2013-02-27 22:00Z');
create temp table ids as select notify.enqueue('HIGH', 'RISK', 'X', 'first') as first;
grant select on ids to public;
select is(notify.enqueue('HIGH', 'RISK', 'X', 'again'), (select i.first from ids as i), 'a repeat within the window is the same alert');
select is((select a.repeats from notify.alerts as a where a.alert_id = (select i.first from ids as i)), 1, 'and is counted');
select isnt(notify.enqueue('HIGH', 'RISK', 'X', 'a symbol', 'AAA'), (select i.first from ids as i), 'another symbol is another alert');
select isnt(notify.enqueue('HIGH', 'TRADING', 'X', 'a category'), (select i.first from ids as i), 'so is another category');
select isnt(notify.enqueue('HIGH', 'RISK', 'Y', 'a code'), (select i.first from ids as i), 'and another code');
select isnt(notify.enqueue('HIGH', 'RISK', 'X', 'an account', p_account => 'second'), (select i.first from ids as i), 'and another account''s: it is not swallowed by the first one''s');
select results_eq($$select a.account, a.repeats from notify.alerts as a where a.code = 'X' and a.symbol is null and a.category = 'RISK' and a.level = 'HIGH' order by a.alert_id$$,
    $$values (null::text, 1), ('second', 0)$$, 'nor counted as its repeat');
select isnt(notify.enqueue('CRITICAL', 'RISK', 'X', 'critical'), (select i.first from ids as i), 'CRITICAL is never deduplicated');
select isnt(notify.enqueue('CRITICAL', 'RISK', 'K', 'one'), notify.enqueue('CRITICAL', 'RISK', 'K', 'two'), 'not even by itself');
create temp table levels as select notify.enqueue('LOW', 'RISK', 'G', 'low') as low;
grant select on levels to public;
select isnt(notify.enqueue('HIGH', 'RISK', 'G', 'grave'), (select l.low from levels as l), 'what a lower level told of is no repeat: it may have reached nobody');
select isnt(notify.enqueue('MEDIUM', 'RISK', 'G', 'better'), (select l.low from levels as l), 'a less grave one');
select results_eq($$select a.level, a.repeats from notify.alerts as a where a.code = 'G' order by a.alert_id$$,
    $$values ('LOW', 0), ('HIGH', 1)$$, 'is counted on the graver one');
select ops.advance_clock('2013-02-27 22:10Z');
select isnt(notify.enqueue('LOW', 'RISK', 'Y', 'later'), (select min(a.alert_id) from notify.alerts as a where a.code = 'Y'), 'after the window the same key is heard again');
select is((select count(*)::integer from notify.alerts as a where a.code = 'Y'), 2, 'as an alert of its own');
select throws_ok('select notify.enqueue(''LOUD'', ''RISK'', ''X'', ''m'')', '23514', null, 'an unknown level is refused');
select * from finish();
rollback;
