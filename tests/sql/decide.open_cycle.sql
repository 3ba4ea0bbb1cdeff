-- Proves: I20, I26: OPENED, ALREADY_DONE, BUSY; overdue runs fail; at most one run is ever DONE; the wrong configuration opens nothing.
begin;
select plan(22);
select fixtures.fund();
select throws_ok('select fixtures.open(p_config => repeat(''0'', 64))', 'MQ230', null, 'another configuration');
select is((select count(*)::integer from decide.cycles), 0, 'opens nothing');
create temp table opened as select o.* from fixtures.open() as o;
select results_eq('select o.outcome, o.run, o.as_of, o.trade_session from opened as o', $$values ('OPENED'::text, 1, timestamptz '2013-02-27 21:30Z', date '2013-02-28')$$, 'opened');
select is((select o.cycle_id from opened as o), decide.cycle_key_id('paper', 'paper', 'institutional', '2013-02-27', 'close', fixtures.config_sha256()), 'under its key');
select ok((select o.recorded_before <= clock_timestamp() and o.recorded_before > clock_timestamp() - interval '1 minute' from opened as o), 'sees up to now');
select is((select r.opened_at from decide.cycle_runs as r), timestamptz '2013-02-27 22:00Z', 'opened by the fund''s clock');
select is((select o.outcome from fixtures.open() as o), 'BUSY', 'the same cycle is open');
select is((select o.outcome from fixtures.open('14:00') as o), 'BUSY', 'so is the account');
update decide.cycle_runs set lease_until = clock_timestamp() - interval '1 second';
select results_eq('select o.outcome, o.run from fixtures.open() as o', $$values ('OPENED'::text, 2)$$, 'the lease is over: the next run');
select results_eq('select r.state, r.reason from decide.cycle_runs as r where r.run = 1', $$values ('FAILED'::text, 'LEASE_OVER'::text)$$, 'the first one failed');
select is((select count(*)::integer from audit.audit_log as l where l.event = 'cycle.failed'), 1, 'with an audit row');
select is((select count(*)::integer from notify.alerts as a where a.code = 'CYCLE_FAILED'), 1, 'and an alert');
update decide.cycle_runs set lease_until = clock_timestamp() - interval '1 second' where run = 2;
select is(fixtures.cycle(), 'DONE', 'the third run ends');
select is(fixtures.cycle(), 'ALREADY_DONE', 'the cycle is done');
select is((select o.run from fixtures.open() as o), 3, 'and says which run');
select throws_ok('update decide.cycle_runs set state = ''DONE'' where run = 2', '23505', null, 'at most one run is ever DONE');

-- The wall clock stands an hour behind the last instant given to a fact: it was set back.
update ops.locks set last_instant = clock_timestamp() + interval '1 hour' where lock_name = 'market';
create temp table late as select o.* from fixtures.open('14:00') as o;
select is((select o.outcome from late as o), 'OPENED', 'with the clock set back');
select is(
    (select o.recorded_before from late as o), (select l.last_instant from ops.locks as l where l.lock_name = 'market'),
    'a run sees what was recorded by the clock as it was'
);
select ok(
    (select r.lease_until < clock_timestamp() + interval '1 hour' from decide.cycle_runs as r where r.state = 'OPEN'), 'and has no longer a lease'
);
update ops.locks set last_instant = clock_timestamp() - interval '1 hour' where lock_name = 'market';
select is(
    market.next_instant(), (select o.recorded_before + interval '1 microsecond' from late as o), 'nothing written behind it comes before its bound'
);
update decide.cycle_runs set lease_until = clock_timestamp() - interval '1 second' where state = 'OPEN';
alter table trade.nav disable trigger all;
update trade.nav set recorded_at = clock_timestamp() + interval '2 hours';
select is((select o.recorded_before from fixtures.open('14:00') as o), (select n.recorded_at from trade.nav as n), 'it sees the marks of its account');
update decide.cycle_runs set lease_until = clock_timestamp() - interval '1 second' where state = 'OPEN';
insert into ops.resumptions (event_id, reason, checklist, resumed_at, recorded_at) values (0, 'x', '[]', ops.now(), clock_timestamp() + interval '3 hours');
select is((select o.recorded_before from fixtures.open('14:00') as o), (select r.recorded_at from ops.resumptions as r), 'and who resumed trading');
select * from finish();
rollback;
