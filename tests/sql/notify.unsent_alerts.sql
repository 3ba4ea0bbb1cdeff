-- Proves: I26: HIGH and CRITICAL alerts that reached nobody within ten minutes are counted, whether or not a sender ever ran.
begin;
select plan(5);
select is(u.alerts, 0::bigint, 'none') from notify.unsent_alerts() as u;
select notify.enqueue('HIGH', 'RISK', 'H', 'm'), notify.enqueue('CRITICAL', 'RISK', 'C', 'm'), notify.enqueue('MEDIUM', 'RISK', 'M', 'm'),
    notify.enqueue('HIGH', 'RISK', 'ANCIENT', 'm'), notify.enqueue('HIGH', 'RISK', 'FRESH', 'm');
update notify.alerts set recorded_at = clock_timestamp() - case code when 'ANCIENT' then interval '8 days' when 'FRESH' then interval '1 minute' else interval '11 minutes' end;
set local role fund_monitor;
select is(u.alerts, 2::bigint, 'what somebody has to act on, of this week, older than ten minutes') from notify.unsent_alerts() as u;
select ok(u.since < clock_timestamp() - interval '10 minutes', 'since when') from notify.unsent_alerts() as u;
reset role;
select notify.claim_deliveries('slack', 'CRITICAL', 'a', 30, 10);
select is(u.alerts, 1::bigint, 'what is under way has reached nobody; below a threshold nobody is to be reached') from notify.unsent_alerts() as u;
update notify.deliveries set state = 'SENT', settled_at = clock_timestamp(), claimed_by = null, lease_until = null where state = 'CLAIMED';
select is(u.alerts, 0::bigint, 'one channel is enough') from notify.unsent_alerts() as u;
select * from finish();
rollback;
