-- Proves: I26: what a scheduler should start is by the rows of the runs alone, so that none is forgotten and none hammered.
begin;
select plan(29);
create function pg_temp.due(p_accounts text[] default array['paper'], p_settle integer default 300) returns text language sql as $$
    select coalesce(string_agg(concat_ws(' ', d.account, d.as_of_session, d.opens_at, d.tries), ', '), 'none')
    from decide.due_cycles('XNYS', p_accounts, p_settle) as d where d.is_due
$$;
create function pg_temp.ended(p_state text, p_reason text, p_exit integer, p_minutes integer) returns void language sql as $$
    update decide.cycle_runs set state = p_state, reason = p_reason, exit_code = p_exit, closed_at = ops.now() - make_interval(mins => p_minutes)
$$;
set local time zone 'UTC';
select fixtures.fund();
select is(pg_temp.due(p_settle => 7200), 'none', 'the session''s bars have just been known: the book may not be marked yet');
select is(pg_temp.due(p_settle => 0), 'paper 2013-02-27 2013-02-28 14:30:00+00 0', 'the last completed session, until the next one opens');
select is(pg_temp.due(array['second', 'paper']), 'second 2013-02-27 2013-02-28 14:30:00+00 0, paper 2013-02-27 2013-02-28 14:30:00+00 0',
    'an account its first cycle has yet to open is due, too, in the order asked');
select is((select count(*)::integer from decide.due_cycles('XLON', array['paper'], 0)), 0, 'another calendar has no session');
select fixtures.cycle();
select is(pg_temp.due(), 'none', 'a cycle that is DONE is not started again');
alter table decide.cycles disable trigger all;
alter table decide.cycle_runs disable trigger all;
savepoint s;
update decide.cycles set mode = 'shadow';
select isnt(pg_temp.due(), 'none', 'a shadow stands for none');
update decide.cycles set mode = 'paper';
update decide.cycle_runs set state = 'FAILED', reason = 'DRY_RUN', exit_code = 0;
select isnt(pg_temp.due(), 'none', 'nor a dry run');
update decide.cycle_runs set reason = 'x';
update decide.cycles set slot = '10:00';
select isnt(pg_temp.due(), 'none', 'nor does an intraday one');
rollback to s;
insert into decide.cycle_runs select (jsonb_populate_record(r, jsonb_build_object('run', 2, 'state', 'HALTED', 'reason', 'STALE', 'exit_code', 13,
    'recorded_before', r.recorded_before + interval '1 second', 'closed_at', ops.now() - interval '1 hour'))).* from decide.cycle_runs as r;
select is(pg_temp.due(), 'none', 'nor one that was done before another configuration''s was refused');
delete from decide.cycle_runs where run = 2;
update decide.cycle_runs set state = 'OPEN', closed_at = null;
select is(pg_temp.due(), 'none', 'one that is open is somebody''s');
update decide.cycle_runs set lease_until = clock_timestamp() - interval '1 second';
select isnt(pg_temp.due(), 'none', 'until its lease is over');
select pg_temp.ended('HALTED', 'STALE', 13, 9);
select is(pg_temp.due(), 'none', 'missing data is waited for');
select pg_temp.ended('HALTED', 'STALE', 13, 10);
select is(pg_temp.due(), 'paper 2013-02-27 2013-02-28 14:30:00+00 1', 'and tried again');
create function pg_temp.tried(p_exit integer, p_reason text default 'X') returns boolean language plpgsql as $$
begin
    perform pg_temp.ended('HALTED', p_reason, p_exit, 60);
    return pg_temp.due() <> 'none';
end;
$$;
select is(array[pg_temp.tried(1), pg_temp.tried(14), pg_temp.tried(16)], array[true, true, true], 'so are a crash, a break and a database away');
select is(array[pg_temp.tried(10), pg_temp.tried(11), pg_temp.tried(12), pg_temp.tried(15)], array[false, false, false, false], 'other refusals would be the same');
select is(pg_temp.tried(10, 'NAV_UNUSABLE'), true, 'but for a book that is not marked yet');
select pg_temp.tried(11);
insert into ops.resumptions (event_id, reason, checklist, resumed_at, recorded_at)
select 0, 'before', '[]', ops.now(), r.recorded_before - interval '1 second' from decide.cycle_runs as r;
select is(pg_temp.due(), 'none', 'after a kill: a resumption before the run is not of it');
insert into ops.resumptions (event_id, reason, checklist, resumed_at) values (0, 'x', '[]', ops.now() - interval '2 hours');
select isnt(pg_temp.due(), 'none', 'one that had begun, and was recorded behind the run, is');
select pg_temp.ended('HALTED', 'STALE', 13, 39);
insert into decide.cycle_runs select (jsonb_populate_record(r, jsonb_build_object('run', r.run + k, 'recorded_before', r.recorded_before - k * interval '1 minute'))).*
from decide.cycle_runs as r, generate_series(1, 2) as k;
select is(pg_temp.due(), 'none', 'the third time after forty minutes');
select pg_temp.ended('HALTED', 'STALE', 13, 40);
select isnt(pg_temp.due(), 'none', 'not sooner');
select ops.advance_clock('2013-02-28 14:30Z');
select is(pg_temp.due(), 'none', 'the next session has opened: it is told as missed');
select results_eq($$select d.state, d.exit_code, d.due_at is null, d.is_due from decide.due_cycles('XNYS', array['paper'], 300) as d$$,
    $$values ('HALTED', 13, false, false)$$, 'how its newest run ended, and when it would be due');
rollback to s;
select results_eq($$select d.state, d.due_at from decide.due_cycles('XNYS', array['paper'], 300) as d$$, $$values ('DONE', null::timestamptz)$$, 'what is done is never due by itself');
delete from decide.cycle_runs; delete from decide.cycles;
select isnt(pg_temp.due(), 'none', 'without a run');
savepoint o;
select fixtures.open(p_mode => 'shadow');
select is(pg_temp.due(), 'none', 'while a run of the account is open, whatever it is for, none is started');
select is(decide.record_failed_start('paper', '2013-02-27', 1, 'busy', ops.now()), false, 'nor has one failed that was not its turn');
rollback to o;
select decide.record_failed_start('paper', '2013-02-27', 12, 'another configuration', ops.now());
select is(pg_temp.due(), 'none', 'a start that failed is waited for like a run');
select ops.advance_clock(ops.now() + interval '10 minutes');
select is(pg_temp.due(), 'paper 2013-02-27 2013-02-28 14:30:00+00 1', 'and counts as one');
select results_eq($$select d.state, d.exit_code, d.reason from decide.due_cycles('XNYS', array['paper'], 300) as d$$,
    $$values ('NOT_STARTED', 12, 'another configuration')$$, 'and says why');
select * from finish();
rollback;
