-- Proves: I9, I21, I22: append-only relations refuse update, delete and truncate, even of nothing, even from a replica session.
begin;
select plan(12);
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
select throws_ok('update trade.nav set nav = 1, cash = 1', 'MQ211', null, 'a mark');
select throws_ok('delete from trade.fills', 'MQ211', null, 'fills');
set local role fund_owner;
select throws_ok('delete from trade.cash_ledger', 'MQ211', null, 'cash, not by the owner either');
select throws_ok('truncate trade.order_events', 'MQ211', null, 'events, not by the owner either');
reset role;
select is(
    (select count(*)::integer from pg_trigger as g where g.tgname = 'append_only' and g.tgenabled <> 'A' and not g.tgisinternal), 0,
    'every append_only trigger is enabled always'
);
select * from finish();
rollback;
