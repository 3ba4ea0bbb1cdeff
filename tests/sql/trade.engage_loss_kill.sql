-- Proves: B7, I14: the loss that kills engages its source, once per account; below it, or unknown, nothing.
begin;
select plan(11);
select fixtures.desk();
alter table trade.nav disable trigger all;
alter table govern.limits disable trigger all;
select is(trade.engage_loss_kill('test'), false, 'nothing lost');
update trade.nav set nav = 750000.01, cash = 750000.01;
select is(trade.engage_loss_kill('test'), false, 'a cent below');
update trade.nav set nav = 750000, cash = 750000;
savepoint s;
delete from govern.limits where limit_name = 'kill_loss';
select is(trade.engage_loss_kill('test'), false, 'without a limit it is layer 1 that refuses');
rollback to s;
delete from trade.nav;
select is(trade.engage_loss_kill('test'), false, 'so it is without a mark');
rollback to s;
select is(trade.engage_loss_kill('test'), true, 'at the limit');
select results_eq('select k.source, k.reason from ops.kill_sources as k',
    $$values ('loss', 'account test lost 25.00 % of its contributed capital, the limit is 25.00 %')$$, 'with its reason');
select is(trade.engage_loss_kill('test'), false, 'once');
select is((select count(*)::integer from notify.alerts as a where a.code = 'KILL_SWITCH_ENGAGED'), 1, 'and heard');
update trade.nav set nav = 700000, cash = 700000;
select is(trade.engage_loss_kill('test'), false, 'nor at the next mark');
select is((select count(*)::integer from ops.kill_events), 1, 'which says nothing new');
select ops.clear_kill_source('loss', '', 'x');
select ops.engage_kill_switch('account another lost 26.00 % of its contributed capital, the limit is 25.00 %', 'loss');
alter table ops.kill_events disable trigger all;
delete from ops.kill_events where reason like 'account test %';
select trade.engage_loss_kill('test');
select results_eq('select e.reason from ops.kill_events as e where e.action = ''engage'' order by e.event_id',
    $$values ('account another lost 26.00 % of its contributed capital, the limit is 25.00 %'::text),
        ('account test lost 30.00 % of its contributed capital, the limit is 25.00 %')$$, 'beside the loss of another account its own is told');
select * from finish();
rollback;
