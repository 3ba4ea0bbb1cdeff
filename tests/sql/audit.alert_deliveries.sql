-- Proves: an analyst sees whom an alert reached, and why it did not (I26).
begin;
select plan(1);
select notify.enqueue('LOW', 'RISK', 'L', 'm'), notify.enqueue('HIGH', 'RISK', 'H', 'm');
select notify.claim_deliveries('slack', 'HIGH', 'a', 30, 10);
select notify.record_delivery('slack', jsonb_build_array(jsonb_build_object('alert_id', a.alert_id, 'attempt', 1)), 'error=403')
from notify.alerts as a where a.code = 'H';
set local role fund_analyst;
select results_eq($$select d.channel, d.level, d.code, d.state, d.skip_reason, d.attempts, d.last_error from audit.alert_deliveries as d order by d.code$$,
    $$values ('slack', 'HIGH', 'H', 'WAITING', null, 1, 'error=403'), ('slack', 'LOW', 'L', 'SKIPPED', 'BELOW_LEVEL', 0, null)$$, 'both');
reset role;
select * from finish();
rollback;
