-- Proves: I26: an analyst sees what went through each channel and what waits.
begin;
select plan(2);
set local role fund_analyst;
select is_empty('select * from audit.alert_channels', 'no channel was ever used');
reset role;
select notify.enqueue('HIGH', 'RISK', 'H', 'm'), notify.enqueue('LOW', 'RISK', 'L', 'm');
select notify.claim_deliveries('slack', 'HIGH', 'a', 30, 10);
set local role fund_analyst;
select results_eq('select c.channel, c.sent, c.skipped, c.waiting from audit.alert_channels as c', $$values ('slack', 0::bigint, 1::bigint, 1::bigint)$$,
    'one under way, one below the level');
reset role;
select * from finish();
rollback;
