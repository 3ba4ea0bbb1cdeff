-- Proves: I26: an analyst sees whether what somebody has to act on reached nobody.
begin;
select plan(2);
set local role fund_analyst;
select results_eq('select u.alerts, u.since is null from audit.unsent_alerts as u', $$values (0::bigint, true)$$, 'none');
reset role;
select notify.enqueue('HIGH', 'RISK', 'H', 'm');
update notify.alerts set recorded_at = clock_timestamp() - interval '11 minutes';
set local role fund_analyst;
select results_eq('select u.alerts, u.since is null from audit.unsent_alerts as u', $$values (1::bigint, false)$$, 'one');
reset role;
select * from finish();
rollback;
