-- Proves: I26: the watchdog closes overdue runs and leaves an audit row.
begin;
select plan(4);
select fixtures.fund();
select fixtures.open(p_lease_seconds => -1);
set local role fund_decider;
select is(decide.expire_runs(), 1, 'one was overdue');
select is(decide.expire_runs(), 0, 'none any more');
reset role;
select is((select r.reason from decide.cycle_runs as r), 'LEASE_OVER', 'why');
select is((select count(*)::integer from audit.audit_log as l where l.event = 'cycle.failed'), 1, 'audited once');
select * from finish();
rollback;
