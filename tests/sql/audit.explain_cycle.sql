-- Proves: I24, I32: a run is told with all its runs, the bounds of its knowledge, its verdicts and the pin in force when it opened.
begin;
select plan(6);
select fixtures.fund();
select ops.engage_kill_switch('why');
select fixtures.cycle();
select ops.advance_clock('2013-02-27 23:00Z');
insert into govern.config_pins (config_sha256, reason, pinned_at) values (fixtures.config_sha256(), 'pinned again', ops.now());
create temp table f as select audit.explain_cycle(r.cycle_id, r.run) as found from decide.cycle_runs as r;
select is(f.found ->> 'state', 'HALTED', 'how it ended') from f;
select is(f.found -> 'layer', '1'::jsonb, 'and where') from f;
select is(jsonb_array_length(f.found -> 'verdicts'), 11, 'eleven verdicts') from f;
select is(f.found -> 'config' ->> 'reason', 'fixture', 'the pin of before it opened, not a later one') from f;
select is(f.found -> 'runs', '[{"run": 1, "state": "HALTED", "reason": "REFUSED"}]'::jsonb, 'its runs') from f;
select is(audit.explain_cycle('nothing', 1), null, 'an unknown run');
select * from finish();
rollback;
