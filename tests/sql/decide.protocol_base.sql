-- Proves: I19, B6: the run a cycle goes on from: DONE, not shadow, never the session's own close; the phase's sessions by calendar.
begin;
select plan(21);
select fixtures.fund();
create function pg_temp.base(p_session date, p_slot text default 'close', p_before timestamptz default 'infinity') returns text language sql as $$
    select concat_ws(' ', b.as_of_session, b.phase_session, (b.state).phase, (b.state).sessions, (b.state).tier, (b.state).cvar_breaches, (b.state).resumed)
    from decide.protocol_base('paper', p_session, p_slot, p_before) as b
$$;
select is(pg_temp.base('2013-02-27'), 'NORMAL 0 0 0 f', 'nothing before it');
select is((decide.protocol_base('nobody', '2013-02-27', 'close', 'infinity')).state, null, 'no account, no state');
select is(fixtures.cycle(), 'DONE', 'a cycle');
select is(pg_temp.base('2013-02-27'), 'NORMAL 0 0 0 f', 'the session''s own close does not count');
select is(pg_temp.base('2013-02-27', '15:00'), '2013-02-27 2013-02-27 NORMAL 0 0 0 f', 'but for another slot after it');
select is(pg_temp.base('2013-03-04'), '2013-02-27 2013-02-27 NORMAL 3 0 0 f', 'sessions of the calendar, the weekend none');
alter table decide.risk_states disable trigger all;
alter table decide.cycles disable trigger all;
alter table decide.cycle_runs disable trigger all;
update decide.risk_states set phase = 'RECOVERY', phase_session = '2013-02-20', tier = 3, cvar_breaches = 2;
select is(pg_temp.base('2013-02-28'), '2013-02-27 2013-02-20 RECOVERY 6 3 2 f', 'the phase counts from where it began');
savepoint s;
-- Resumed since.
insert into ops.resumptions (event_id, reason, checklist, resumed_at) values (0, 'x', '[]', ops.now());
select is(pg_temp.base('2013-02-28'), '2013-02-27 2013-02-20 RECOVERY 6 3 2 t', 'resumed since that run');
select is(pg_temp.base('2013-02-28', p_before => '2013-01-01'), '2013-02-27 2013-02-20 RECOVERY 6 3 2 f', 'not seen by who began to look before');
update decide.cycle_runs set closed_recorded_at = clock_timestamp() + interval '1 second';
select is(pg_temp.base('2013-02-28'), '2013-02-27 2013-02-20 RECOVERY 6 3 2 t', 'seen where the run ended after it and began before');
update decide.cycle_runs set recorded_before = clock_timestamp();
select is(pg_temp.base('2013-02-28'), '2013-02-27 2013-02-20 RECOVERY 6 3 2 f', 'not where the run began after it');
update decide.cycle_runs set opened_at = '2013-02-28 21:00Z';
select is(pg_temp.base('2013-03-01'), '2013-02-27 2013-02-20 RECOVERY 7 2 2 f', 'a tier on which every run came when its session was over is not gone on from');
select is(pg_temp.base('2013-03-01', '15:00'), '2013-02-27 2013-02-20 RECOVERY 7 3 2 f', 'but stands for another slot');
update decide.cycle_runs set opened_at = '2013-02-28 20:59:59Z';
select is(pg_temp.base('2013-03-01'), '2013-02-27 2013-02-20 RECOVERY 7 3 2 f', 'a second before it was not over');
update decide.cycle_runs set state = 'FAILED', reason = 'X';
select is(pg_temp.base('2013-02-28'), 'NORMAL 0 0 0 t', 'without a run, since the account was opened');
rollback to s;
update decide.cycles set mode = 'shadow';
select is(pg_temp.base('2013-02-28'), 'NORMAL 0 0 0 f', 'a shadow run moves nothing');
rollback to s;
-- Slots of the same session: one before its first close is gone on from, one after it is not.
update decide.risk_states set slot = '15:00';
select is(pg_temp.base('2013-02-27'), '2013-02-27 2013-02-20 RECOVERY 5 2 2 f', 'an earlier slot of the session, on whose tier no session was traded');
select ops.advance_clock('2013-02-27 22:10Z');
select fixtures.pin('golden: 2');
select is((select o.outcome from fixtures.open(p_config => fixtures.config_sha256('golden: 2')) as o), 'OPENED', 'another configuration''s close');
update decide.cycle_runs set state = 'DONE', reason = 'DONE', closed_at = ops.now(), closed_recorded_at = clock_timestamp() - interval '1 day' where state = 'OPEN';
insert into decide.risk_states
select (jsonb_populate_record(s, jsonb_build_object('cycle_id', (select r.cycle_id from decide.cycle_runs as r where r.cycle_id <> s.cycle_id), 'slot', 'close'))).*
from decide.risk_states as s;
select is(pg_temp.base('2013-02-27'), 'NORMAL 0 0 0 f', 'a slot after a close of the session is not counted twice');
rollback to s;
-- Rows from before the protocol.
update decide.risk_states set phase = null, phase_session = null, tier = null, cvar_breaches = null, rebased = null, volatility = null, figures = null,
    reject_sessions_left = 7;
select is(pg_temp.base('2013-02-28'), '2013-02-27 2013-02-25 DRAWDOWN 3 0 0 f', 'a window of which seven were left after its third session');
update decide.risk_states set reject_sessions_left = 0;
select is(pg_temp.base('2013-02-28'), '2013-02-27 2013-02-27 NORMAL 1 0 0 f', 'none left');
select * from finish();
rollback;
