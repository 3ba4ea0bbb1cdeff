-- Proves: I18: the digest of what was copied, equal for equal inputs, under every setting.
begin;
select plan(7);
select fixtures.fund();
select o.cycle_id, g.* from fixtures.open() as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
create temp table stored as select r.cycle_id, r.run, r.inputs_sha256 from decide.cycle_runs as r;
grant select on stored to public;
select matches((select s.inputs_sha256 from stored as s), '^[0-9a-f]{64}$', 'stored with the run');
select is((select govern.inputs_digest(s.cycle_id, s.run) from stored as s), (select s.inputs_sha256 from stored as s), 'recomputed');
set local extra_float_digits = -15;
set local datestyle = 'German';
set local timezone = 'Asia/Tokyo';
select is((select govern.inputs_digest(s.cycle_id, s.run) from stored as s), (select s.inputs_sha256 from stored as s), 'under other settings');
reset datestyle;
select decide.close_run(s.cycle_id, s.run, 'FAILED', null, 'TEST', 1, '{}') from stored as s;
select o.cycle_id, g.* from fixtures.open() as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
select is((select r.inputs_sha256 from decide.cycle_runs as r where r.run = 2), (select s.inputs_sha256 from stored as s), 'the next run of the same inputs');
alter table decide.cycle_inputs disable trigger append_only;
update decide.cycle_inputs set last_close = 100.00000000000001 where symbol = 'AAA' and run = 2;
select isnt((select govern.inputs_digest(s.cycle_id, 2) from stored as s), (select s.inputs_sha256 from stored as s), 'one last bit is another digest');
update decide.cycle_inputs set last_close = 100, quality = '{"vetoes": ["x"]}' where symbol = 'AAA' and run = 2;
select isnt((select govern.inputs_digest(s.cycle_id, 2) from stored as s), (select s.inputs_sha256 from stored as s), 'so is another part of a score');
update decide.cycle_inputs set quality = '{}';
set local extra_float_digits = 1;
select is(
    (select govern.inputs_digest(s.cycle_id, 2) from stored as s),
    (
        select encode(sha256(convert_to(string_agg(
            (to_jsonb(i) - array['cycle_id', 'run', 'account', 'quality'])::text, E'\n' order by i.symbol collate "C"
        ), 'UTF8')), 'hex')
        from decide.cycle_inputs as i where i.run = 2
    ),
    'a run without the column''s content keeps the digest of before'
);
select * from finish();
rollback;
