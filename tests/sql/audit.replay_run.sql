-- Proves: I24: what a replay needs of a run, with what the chain said of it; the same under every setting.
begin;
select plan(13);
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
create temp table found as select c.cycle_id, audit.replay_run(c.cycle_id, 1) as line from decide.cycles as c;
select is((select f.line ->> 'key_id' from found as f), (select f.cycle_id from found as f), 'its id is its key''s digest');
select is((select decode(f.line #>> '{config,body}', 'base64') from found as f), 'golden: 1'::bytea, 'the configuration''s bytes');
select is((select jsonb_array_length(f.line -> 'cycle_inputs') from found as f), 4, 'one input per active symbol');
select is((select count(*) from found as f cross join lateral jsonb_each(f.line -> 'read') as e where e.value ->> 'now' = e.value ->> 'sha256'), 7::bigint, 'what it read, unchanged');
select is((select f.line #> '{chain,closed,rows}' from found as f), (select f.line -> 'digests' from found as f), 'the chain vouches for every row');
select ok((select f.line #> '{chain,opened}' @> (f.line -> 'opened') from found as f), 'and for how it was opened');
select is((select audit.replay_run(f.cycle_id, 2) from found as f), null, 'a run that is not there');
select ops.engage_kill_switch('a run that halts');
select is(fixtures.cycle('15:30'), 'HALTED', 'a kill halts another cycle');
select ops.clear_kill_source('row', '', 'over'), fixtures.resume();
select is(fixtures.cycle('15:30'), 'DONE', 'whose next run is done');
select results_eq(
    $$select r.run, (audit.replay_run(r.cycle_id, r.run) #>> '{chain,opened,run}')::integer, (audit.replay_run(r.cycle_id, r.run) #>> '{chain,closed,run}')::integer
    from decide.cycle_runs as r join decide.cycles as c using (cycle_id) where c.slot = '15:30' order by r.run$$,
    'values (1, 1, 1), (2, 2, 2)', 'what the chain said of each run is its own'
);
set local timezone = 'Asia/Tokyo';
set local datestyle = 'German';
set local extra_float_digits = -15;
select is((select audit.replay_run(f.cycle_id, 1) from found as f), (select f.line from found as f), 'under other settings');
alter table decide.run_inputs disable trigger append_only;
update decide.run_inputs set content = '{"of": "somebody"}' where input = 'decide.load_state';
select isnt((select audit.replay_run(f.cycle_id, 1) #>> '{read,decide.load_state,now}' from found as f), (select f.line #>> '{read,decide.load_state,now}' from found as f), 'a changed answer has another digest');
select * from finish();
rollback;
