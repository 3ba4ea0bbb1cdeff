-- Proves: I26: what is due goes to one sender, gravest first; a lease that is over hands it on with a higher token; MQ324.
begin;
select plan(15);
create function pg_temp.claim(p_sender text, p_count integer default 10) returns table (code text, attempt integer) language sql as $$
    select c.code, c.attempt from notify.claim_deliveries('slack', 'LOW', p_sender, 30, p_count) as c
$$;
select notify.enqueue('LOW', 'RISK', 'L', 'm'), notify.enqueue('HIGH', 'RISK', 'H1', 'm'), notify.enqueue('CRITICAL', 'RISK', 'C', 'm'),
    notify.enqueue('HIGH', 'RISK', 'H2', 'm');
set local role fund_notifier;
select results_eq($$select * from pg_temp.claim('a', 3)$$, $$values ('C', 1), ('H1', 1), ('H2', 1)$$, 'gravest first, then the oldest');
select results_eq($$select * from pg_temp.claim('b')$$, $$values ('L', 1)$$, 'to one sender each');
select is_empty($$select * from pg_temp.claim('b')$$, 'and once');
select is((select count(*) from notify.claim_deliveries('discord', 'HIGH', 'a', 30, 10)), 3::bigint, 'a channel has its own, by its own threshold');
reset role;
select is((select string_agg(distinct d.claimed_by, ',' order by d.claimed_by) from notify.deliveries as d where d.channel = 'slack'), 'a,b', 'who has them stands there');
savepoint s;
update notify.deliveries set lease_until = clock_timestamp() where state = 'CLAIMED';
select results_eq($$select * from pg_temp.claim('b', 1)$$, $$values ('C', 2)$$, 'a lease that is over');
rollback to s;
update notify.deliveries set lease_until = clock_timestamp() + interval '2 hours' where state = 'CLAIMED';
select results_eq($$select * from pg_temp.claim('b', 1)$$, $$values ('C', 2)$$, 'one of before the clock was set back is, too');
rollback to s;
update notify.deliveries set state = 'WAITING', claimed_by = null, lease_until = null, next_attempt_at = clock_timestamp() + interval '10 minutes'
where channel = 'slack';
select is_empty($$select * from pg_temp.claim('a')$$, 'what waits for its next attempt is left alone');
update notify.deliveries set next_attempt_at = clock_timestamp() where channel = 'slack' and alert_id = (select a.alert_id from notify.alerts as a where a.code = 'L');
select results_eq($$select * from pg_temp.claim('a')$$, $$values ('L', 2)$$, 'until then');
update notify.deliveries set state = 'SENT', settled_at = clock_timestamp(), claimed_by = null, lease_until = null, next_attempt_at = clock_timestamp()
where channel = 'slack';
select is_empty($$select * from pg_temp.claim('a')$$, 'what was sent is done');
select throws_ok($$select notify.claim_deliveries('Slack', 'LOW', 'a', 30, 1)$$, 'MQ324', null, 'no channel');
select throws_ok($$select notify.claim_deliveries('slack', 'LOUD', 'a', 30, 1)$$, 'MQ324', null, 'no level');
select throws_ok($$select notify.claim_deliveries('slack', 'LOW', null, 30, 1)$$, 'MQ324', null, 'no sender');
select throws_ok($$select notify.claim_deliveries('slack', 'LOW', 'a', 0, 1)$$, 'MQ324', null, 'no lease');
set local role fund_decider;
select throws_ok($$select notify.claim_deliveries('slack', 'LOW', 'a', 30, 1)$$, '42501', null, 'not the decider');
reset role;
select * from finish();
rollback;
