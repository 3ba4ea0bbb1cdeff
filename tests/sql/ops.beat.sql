-- Proves: I26: a heartbeat stands with the funds instant and the wall instant.
begin;
select plan(2);
select ops.advance_clock('2013-02-27 22:00Z');
select lives_ok('select ops.beat(''sync'', ''h'', 7, ''{"orders": 0}'')', 'a process reports');
select results_eq(
    'select b.process, b.host, b.pid, b.beat_at, b.detail from ops.heartbeats as b',
    $$values ('sync'::text, 'h'::text, 7, timestamptz '2013-02-27 22:00Z', '{"orders": 0}'::jsonb)$$, 'as it said'
);
select * from finish();
rollback;
