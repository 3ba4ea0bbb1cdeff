-- Proves: I26: what was taken is SENT, what was not waits longer each time and never ends; a taken-over claim is not recorded; MQ204.
begin;
select plan(14);
create function pg_temp.claims(p_attempt integer default null) returns jsonb language sql as $$
    select jsonb_agg(jsonb_build_object('alert_id', d.alert_id, 'attempt', coalesce(p_attempt, d.attempts))) from notify.deliveries as d
    where d.channel = 'slack' and d.state = 'CLAIMED'
$$;
create function pg_temp.claim() returns void language sql as $$
    update notify.deliveries set next_attempt_at = clock_timestamp() where settled_at is null;
    select notify.claim_deliveries('slack', 'LOW', 'a', 30, 10);
$$;
create function pg_temp.wait(p_code text) returns integer language sql as $$
    select round(extract(epoch from d.next_attempt_at - clock_timestamp()))::integer
    from notify.deliveries as d join notify.alerts as a on a.alert_id = d.alert_id where a.code = p_code and d.channel = 'slack'
$$;
select notify.enqueue('HIGH', 'RISK', 'H', 'm'), notify.enqueue('CRITICAL', 'RISK', 'C', 'm');
select pg_temp.claim();
savepoint s;
select is(notify.record_delivery('slack', pg_temp.claims(), null), 2::bigint, 'taken');
select is((select string_agg(distinct d.state, ',') from notify.deliveries as d where d.settled_at is not null), 'SENT', 'and sent');
rollback to s;
select is(notify.record_delivery('slack', pg_temp.claims(2), null), 0::bigint, 'another has taken it over: that one records');
select is(notify.record_delivery('discord', pg_temp.claims(), null), 0::bigint, 'another channel''s claim is none');
select is(notify.record_delivery('slack', pg_temp.claims(), 'error=503'), 2::bigint, 'not taken');
select is((select string_agg(distinct concat_ws(' ', d.state, d.last_error, d.claimed_by), ',') from notify.deliveries as d), 'WAITING error=503', 'it waits, and why');
select is(array[pg_temp.wait('H'), pg_temp.wait('C')], array[10, 10], 'ten seconds');
select pg_temp.claim();
select notify.record_delivery('slack', pg_temp.claims(), 'error=503');
select is(array[pg_temp.wait('H'), pg_temp.wait('C')], array[20, 20], 'then twice that');
select is((select count(*) from notify.alerts as a where a.code ~ 'FAILING'), 0::bigint, 'nothing to tell yet');
update notify.deliveries set attempts = 500;
select pg_temp.claim();
select notify.record_delivery('slack', pg_temp.claims(), repeat('x', 600));
select is(array[pg_temp.wait('H'), pg_temp.wait('C')], array[900, 60], 'at most a quarter of an hour, a CRITICAL one a minute');
select results_eq($$select a.level, a.code, length(a.message) from notify.alerts as a where a.code ~ 'FAILING'$$,
    $$values ('HIGH', 'CHANNEL_FAILING_SLACK', 237)$$, 'the channel is an alert itself');
select is((select max(length(d.last_error)) from notify.deliveries as d), 500, 'a long reason is cut');
select throws_ok($$select notify.record_delivery('slack', '[{"alert": 1}]', null)$$, 'MQ204', null, 'a misspelt key');
set local role fund_decider;
select throws_ok($$select notify.record_delivery('slack', '[]', null)$$, '42501', null, 'not the decider');
reset role;
select * from finish();
rollback;
