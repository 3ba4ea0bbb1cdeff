-- Proves: how a channel stands: sent, left out, waiting since when and why.
begin;
select plan(2);
select is_empty($$select * from notify.channel_states()$$, 'no channel was ever used');
select notify.enqueue('LOW', 'RISK', 'L', 'm'), notify.enqueue('HIGH', 'RISK', 'H', 'm'), notify.enqueue('CRITICAL', 'RISK', 'C', 'm');
select notify.claim_deliveries('slack', 'HIGH', 'a', 30, 10);
select notify.record_delivery('slack', jsonb_build_array(jsonb_build_object('alert_id', a.alert_id, 'attempt', 1)), e.error)
from notify.alerts as a join (values ('C', null), ('H', 'error=403')) as e (code, error) on e.code = a.code;
select results_eq($$select c.channel, c.sent, c.skipped, c.waiting, c.waiting_since is not null, c.last_sent_at is not null, c.last_error from notify.channel_states() as c$$,
    $$values ('slack', 1::bigint, 1::bigint, 1::bigint, true, true, 'error=403')$$, 'one sent, one left out, one waits');
select * from finish();
rollback;
