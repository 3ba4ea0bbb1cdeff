-- Proves: I15: an analyst sees whether trading is stopped, by what and since when, also once every source is clear.
begin;
select plan(8);
select fixtures.desk();
set local role fund_analyst;
select results_eq('select f.kind, f.now, f.trading_stopped, f.kill_sources, f.stopped_since, f.config_sha256, f.pin_reason from audit.fund as f',
    $$values ('simulated', timestamptz '2020-01-06 21:30+00', false, '{}'::text[], null::timestamptz, repeat('a', 64), 'fixture')$$, 'nothing engaged');
reset role;
select is(f.audit_entries, h.seq, 'entries of the chain') from audit.fund as f, audit.heads as h;
select ops.engage_kill_switch('x', 'cvar');
select ops.advance_clock('2020-01-06 22:00+00');
select ops.report_kill_file('h', true);
set local role fund_analyst;
select results_eq('select f.trading_stopped, f.kill_sources, f.stopped_since from audit.fund as f',
    $$values (true, array['cvar', 'file@h'], timestamptz '2020-01-06 21:30+00')$$, 'two sources, since the first');
reset role;
select ops.clear_kill_source('cvar', '', 'x');
select ops.report_kill_file('h', false);
select is(ops.kill_engaged(false), true, 'still stopped');
set local role fund_analyst;
select results_eq('select f.trading_stopped, f.kill_sources, f.stopped_since from audit.fund as f',
    $$values (true, '{}'::text[], timestamptz '2020-01-06 21:30+00')$$, 'every source clear, nobody resumed');
reset role;
select fixtures.resume();
set local role fund_analyst;
select results_eq('select f.trading_stopped, f.stopped_since from audit.fund as f', $$values (false, null::timestamptz)$$, 'resumed');
reset role;
select ops.engage_kill_switch('y', 'loss');
set local role fund_analyst;
select results_eq('select f.trading_stopped, f.stopped_since from audit.fund as f',
    $$values (true, timestamptz '2020-01-06 22:00+00')$$, 'the next kill begins at its own instant');
reset role;
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'newer', ops.now());
select is(f.config_sha256, repeat('b', 64), 'the newest pin') from audit.fund as f;
select * from finish();
rollback;
