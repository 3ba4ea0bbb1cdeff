-- Proves: I26 (which sessions a cycle should have run for and did not).
begin;
select plan(10);
create function pg_temp.unrun(p_before date default null) returns text language sql as $$
    select coalesce(string_agg(u.as_of_session || '>' || u.trade_session, ' ' order by u.as_of_session), 'none')
    from decide.unrun_sessions('paper', p_before) as u
$$;
select fixtures.fund();
select ops.advance_clock('2013-03-01 14:30+00');
select is(pg_temp.unrun(), 'none', 'an account that has never run a cycle misses none');
savepoint s;
select fixtures.cycle();
select is(pg_temp.unrun(), '2013-02-28>2013-03-01', 'after its first every session counts whose next one has opened');
select is(pg_temp.unrun('2013-02-28'), 'none', 'before that session none');
select is((select count(*)::integer from decide.unrun_sessions('none', null)), 0, 'no account, no session');
alter table decide.cycles disable trigger all;
update decide.cycles set slot = '10:00';
select is(pg_temp.unrun(), 'none', 'an intraday cycle begins nothing');
update decide.cycles set slot = 'close', mode = 'shadow';
select is(pg_temp.unrun(), 'none', 'nor does a shadow');
update decide.cycles set mode = 'paper';
alter table decide.cycle_runs disable trigger all;
update decide.cycle_runs set state = 'FAILED', reason = 'DRY_RUN';
select is(pg_temp.unrun(), 'none', 'nor a dry run');
rollback to s;
select fixtures.cycle();
insert into decide.missed_cycles (account, as_of_session, trade_session, found_at) values ('paper', '2013-02-28', '2013-03-01', ops.now());
select is(pg_temp.unrun(), 'none', 'what was told is not told again');
rollback to s;
select fixtures.cycle();
insert into ref.sessions (calendar, session, opens_at, closes_at, half_day, session_number)
select x.calendar, x.session + k, x.opens_at + k * interval '1 day', x.closes_at + k * interval '1 day', false, x.session_number + k
from (select s.* from ref.sessions as s where s.calendar = 'XNYS' order by s.session desc limit 1) as x, generate_series(1, 30) as k;
select ops.advance_clock(max(s.opens_at)) from ref.sessions as s where s.calendar = 'XNYS';
select is((select count(*)::integer from decide.unrun_sessions('paper', null)), 10, 'an account without a position is at rest after ten');
insert into trade.position_adjustments (account, symbol, quantity, reason, occurred_at) values ('paper', 'AAA', 1, 'test', ops.now());
select cmp_ok((select count(*)::integer from decide.unrun_sessions('paper', null)), '>', 10, 'one that holds something never is');
select * from finish();
rollback;
