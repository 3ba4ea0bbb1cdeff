-- Proves: I22: append-only relations refuse update, delete and truncate, even of nothing, even from a replica session.
begin;
select plan(8);
select audit.append('[{"event": "a"}]');
select throws_ok('update audit.audit_log set event = ''x''', 'MQ211', null, 'update');
select throws_ok('delete from audit.audit_log where false', 'MQ211', null, 'delete of nothing');
select throws_ok('truncate audit.audit_log', 'MQ211', null, 'truncate');
set local session_replication_role = 'replica';
select throws_ok('delete from audit.audit_log', 'MQ211', null, 'the triggers are enabled always');
set local session_replication_role = 'origin';
select throws_ok('update decide.decisions set position_size = 0', 'MQ211', null, 'decisions');
select throws_ok('delete from govern.limits', 'MQ211', null, 'limits');
select throws_ok('delete from ops.kill_events', 'MQ211', null, 'kill events');
select is(
    (select count(*)::integer from pg_trigger as g where g.tgname = 'append_only' and g.tgenabled <> 'A' and not g.tgisinternal), 0,
    'every append_only trigger is enabled always'
);
select * from finish();
rollback;
