-- Proves: I26: the sender's sign of life is a heartbeat each time, an alert once an interval, with how the fund stands.
begin;
select plan(8);
select fixtures.fund();
set local role fund_notifier;
select isnt(notify.beat('h', 7, 3600), null, 'the first is an alert');
select is(notify.beat('h', 7, 3600), null, 'the next within the interval is none');
reset role;
select is((select count(*) from ops.heartbeats as b where b.process = 'notify' and b.host = 'h' and b.pid = 7), 2::bigint, 'both are heartbeats');
select matches(a.message, '^kill switch not engaged; no cycle yet; 0 positions; last seen: no other process$', 'it says how the fund stands')
from notify.alerts as a where a.code = 'HEARTBEAT';
select is(fixtures.cycle(), 'DONE', 'a cycle');
select ops.beat('sync', 'h', 8);
select ops.engage_kill_switch('why');
select ops.advance_clock(ops.now() + interval '1 hour');
select isnt(notify.beat('h', 7, 3600), null, 'after the interval another');
select matches(a.message, '^kill switch ENGAGED; last cycle paper as of .* DONE; 0 positions; last seen: sync 2013-.*', 'with what is true then')
from notify.alerts as a where a.code = 'HEARTBEAT' order by a.alert_id desc limit 1;
select is((select array_agg(distinct a.level) from notify.alerts as a where a.code = 'HEARTBEAT'), array['LOW'], 'LOW');
select * from finish();
rollback;
