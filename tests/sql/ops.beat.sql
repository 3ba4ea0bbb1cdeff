-- Proves: I26: a heartbeat stands with the funds instant and the wall instant.
begin;
select plan(4);
select ops.advance_clock('2013-02-27 22:00Z');
select lives_ok('select ops.beat(''sync'', ''h'', 7, ''{"orders": 0}'')', 'a process reports');
select results_eq(
    'select b.process, b.host, b.pid, b.beat_at, b.detail from ops.heartbeats as b',
    $$values ('sync'::text, 'h'::text, 7, timestamptz '2013-02-27 22:00Z', '{"orders": 0}'::jsonb)$$, 'as it said'
);
insert into ops.heartbeats (process, host, pid, beat_at, recorded_at) values
    ('sync', 'h', 7, ops.now(), clock_timestamp() - interval '31 days'), ('sync', 'h', 7, ops.now(), clock_timestamp() - interval '29 days'),
    ('sync', 'gone', 7, ops.now(), clock_timestamp() - interval '90 days'), ('notify', 'h', 7, ops.now(), clock_timestamp() - interval '90 days');
select lives_ok('select ops.beat(''sync'', ''h'', 7)', 'it reports again');
select results_eq(
    'select b.process, b.host, count(*)::integer from ops.heartbeats as b group by b.process, b.host order by b.process, b.host',
    $$values ('notify'::text, 'h'::text, 1), ('sync', 'gone', 1), ('sync', 'h', 3)$$, 'its beats of a month ago are gone, the last ones of others are not'
);
select * from finish();
rollback;
