-- Proves: the pinned configuration alone says which account opens and with what (I20); idempotent; A6 (first mark); MQ240, MQ318.
begin;
select plan(8);

insert into ref.calendars (calendar, name, time_zone) values ('XTST', 'Test', 'UTC');
insert into ref.sessions (calendar, session, opens_at, closes_at, half_day, session_number)
values ('XTST', '2020-01-06', '2020-01-06 14:30+00', '2020-01-06 21:00+00', false, 1);
insert into ops.simulated_clocks (instant) values ('2020-01-06 21:30+00');
insert into govern.config_versions (config_sha256, body, parsed) values
(repeat('a', 64), '', '{"fund": {"session_calendar": "XTST"}, "accounts": {"defaults": [
    {"name": "paper", "broker": "paper", "mode": "paper", "opening_capital": 250000.0, "strategy": "institutional"}]}}'),
(repeat('b', 64), '', '{"fund": {"session_calendar": "XTST"}, "accounts": {"defaults": [
    {"name": "other", "broker": "paper", "mode": "paper", "opening_capital": 1.0, "strategy": "institutional"}]}}');

select throws_ok(
    $$select trade.open_configured_account('paper', '2020-01-06')$$, 'MQ240', null, 'nothing is pinned: no account'
);
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('a', 64), 'fixture', ops.now());
select throws_ok(
    $$select trade.open_configured_account('rich', '2020-01-06')$$, 'MQ240', null, 'an account the configuration does not name'
);
select throws_ok(
    $$select trade.open_configured_account('paper', '2020-01-05')$$, 'MQ318', null, 'not a session of the calendar'
);
set local role fund_decider;
select ok(trade.open_configured_account('paper', '2020-01-06'), 'opened by the role that decides');
select ok(not trade.open_configured_account('paper', '2020-01-06'), 'again changes nothing');
reset role;
select is(
    (select (a.broker, a.kind, a.calendar, a.opening_capital)::text from trade.accounts as a where a.account = 'paper'),
    '(paper,paper,XTST,250000.0)', 'as the pinned configuration says'
);
select is(
    (select (n.session, n.nav, n.nav_index, n.tactical_mark)::text from trade.nav as n where n.account = 'paper'),
    '(2020-01-06,250000.0,1,1)', 'its first mark is the capital'
);
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'fixture', ops.now());
select ok(
    not trade.open_configured_account('paper', '2020-01-06'), 'an open account stays when another configuration is pinned'
);

select * from finish();
rollback;
