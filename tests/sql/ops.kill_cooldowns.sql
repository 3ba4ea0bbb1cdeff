-- Proves: I15, I17: minutes for a person's kill, sessions for one by losses, from the last engagement; an unknown need is never over.
begin;
select plan(9);
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
select ops.advance_clock('2020-01-07 21:00Z');
select is((select c.passed from ops.kill_cooldowns() as c where c.kind = 'sessions'), 1::float8, 'one is over');
select is((select c.is_over from ops.kill_cooldowns() as c where c.kind = 'sessions'), true, 'as many as are needed');
select fixtures.resume();
select is_empty('select * from ops.kill_cooldowns()', 'resumed: none');
select ops.engage_kill_switch('x', 'file', 'h1');
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'without limits', ops.now());
select ops.advance_clock('2020-01-10 21:00Z');
select is((select c.is_over from ops.kill_cooldowns() as c), false, 'a need nobody pinned is never over');
select * from finish();
rollback;
