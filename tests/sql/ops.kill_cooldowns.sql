-- Proves: I15, I17: minutes for a person's kill, sessions for one by losses, from the last engagement; an unknown need is never over.
begin;
select plan(12);
select fixtures.desk();
select is_empty('select * from ops.kill_cooldowns()', 'no kill, no cooldown');
select ops.engage_kill_switch('x'), ops.engage_kill_switch('x', 'orphan');
select results_eq('select c.kind, c.sources, c.needed, c.passed, c.is_over from ops.kill_cooldowns() as c',
    $$values ('minutes'::text, '{orphan,row}'::text[], 15::float8, 0::float8, false)$$, 'a person''s: minutes');
select ops.advance_clock('2020-01-06 21:44:59Z');
select is((select c.is_over from ops.kill_cooldowns() as c), false, 'a second short');
select ops.advance_clock('2020-01-06 21:45Z');
select is((select c.is_over from ops.kill_cooldowns() as c), true, 'over');
select ops.engage_kill_switch('x', 'loss');
select is((select c.is_over from ops.kill_cooldowns() as c where c.kind = 'sessions'), false, 'one by losses counts sessions');
select ops.advance_clock('2020-01-07 15:00Z');
select is((select c.passed from ops.kill_cooldowns() as c where c.kind = 'sessions'), 0::float8, 'one that is on is not over');
savepoint meanwhile;
select ops.engage_kill_switch('x', 'cvar');
select ops.advance_clock('2020-01-07 21:00Z');
select results_eq('select c.since, c.passed from ops.kill_cooldowns() as c where c.kind = ''sessions''',
    $$values (timestamptz '2020-01-07 15:00Z', 0::float8)$$, 'from the last engagement, in whole sessions');
rollback to meanwhile;
select ops.advance_clock('2020-01-07 21:00Z');
select is((select c.passed from ops.kill_cooldowns() as c where c.kind = 'sessions'), 1::float8, 'one is over');
savepoint over;
insert into ref.calendars (calendar, name, time_zone) values ('XSLW', 'Slow', 'UTC');
insert into ref.sessions (calendar, session, opens_at, closes_at, half_day, session_number)
values ('XSLW', '2020-01-06', '2020-01-06 14:30Z', '2020-01-06 21:00Z', false, 1);
select trade.open_account('slow', 'paper', 'paper', 'XSLW', 1, null, '2020-01-06');
select is((select c.passed from ops.kill_cooldowns() as c where c.kind = 'sessions'), 0::float8, 'in whichever calendar has had fewest');
rollback to over;
select is((select c.is_over from ops.kill_cooldowns() as c where c.kind = 'sessions'), true, 'as many as are needed');
select fixtures.resume();
select is_empty('select * from ops.kill_cooldowns()', 'resumed: none');
select ops.engage_kill_switch('x', 'file', 'h1');
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'without limits', ops.now());
select ops.advance_clock('2020-01-10 21:00Z');
select is((select c.is_over from ops.kill_cooldowns() as c), false, 'a need nobody pinned is never over');
select * from finish();
rollback;
