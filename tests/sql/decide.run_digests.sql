-- Proves: I22, I24: a digest per set of rows, the same under every setting, another for another bit.
begin;
select plan(5);
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
create temp table digests as select decide.run_digests(c.cycle_id, 1) as stored, c.cycle_id from decide.cycles as c;
select is((select convert_from(l.payload, 'UTF8')::jsonb #> '{body,rows}' from audit.audit_log as l where l.event = 'cycle.done'), (select d.stored from digests as d), 'as in the audit row');
select is((select d.stored #>> '{decisions,rows}' from digests as d), '4', 'counts rows');
set local timezone = 'Asia/Kolkata';
set local datestyle = 'German';
set local extra_float_digits = -15;
select is((select decide.run_digests(d.cycle_id, 1) from digests as d), (select d.stored from digests as d), 'under other settings');
alter table decide.decisions disable trigger append_only;
update decide.decisions set metadata = '{"x": 1}' where symbol = 'AAA';
select isnt((select decide.run_digests(d.cycle_id, 1) -> 'decisions' from digests as d), (select d.stored -> 'decisions' from digests as d), 'a changed decision');
select * from finish();
rollback;
