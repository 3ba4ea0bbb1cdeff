-- Proves: I26, F16: every alert has for a channel a row that says whether it is sent there, and why not.
begin;
select plan(9);
create function pg_temp.rows(p_channel text) returns table (code text, state text, skip_reason text) language sql as $$
    select a.code, d.state, d.skip_reason from notify.deliveries as d join notify.alerts as a on a.alert_id = d.alert_id
    where d.channel = p_channel order by a.code
$$;
select is(notify.see_alerts('slack', 'LOW'), 0::bigint, 'nothing to see');
select notify.enqueue('CRITICAL', 'RISK', 'OLD', 'm'), notify.enqueue('MEDIUM', 'RISK', 'M', 'm'), notify.enqueue('HIGH', 'RISK', 'H', 'm');
update notify.alerts set recorded_at = clock_timestamp() - interval '25 hours' where code = 'OLD';
select is(notify.see_alerts('slack', 'HIGH'), 3::bigint, 'three are new');
select results_eq($$select * from pg_temp.rows('slack')$$,
    $$values ('H', 'WAITING', null), ('M', 'SKIPPED', 'BELOW_LEVEL'), ('OLD', 'SKIPPED', 'BEFORE_CHANNEL')$$, 'each with what becomes of it');
select is((select count(*) from notify.deliveries as d where (d.settled_at is not null) <> (d.state = 'SKIPPED')), 0::bigint, 'what is left out is settled');
select is(notify.see_alerts('slack', 'LOW'), 0::bigint, 'a lower threshold later brings none of them back');
select is(notify.see_alerts('discord', 'LOW'), 3::bigint, 'another channel sees them for itself');
-- The channel has been there for two days: what is a day old by then came while nobody looked.
update notify.deliveries set recorded_at = clock_timestamp() - interval '2 days';
select notify.enqueue('CRITICAL', 'RISK', 'LATE', 'm');
update notify.alerts set recorded_at = clock_timestamp() - interval '30 hours' where code = 'LATE';
select is(notify.see_alerts('slack', 'HIGH'), 1::bigint, 'an alert committed late is seen');
select results_eq($$select r.state from pg_temp.rows('slack') as r where r.code = 'LATE'$$, $$values ('WAITING')$$, 'and sent');
set local role fund_notifier;
select throws_ok($$select notify.see_alerts('slack', 'LOW')$$, '42501', null, 'a claim calls it, no role');
reset role;
select * from finish();
rollback;
