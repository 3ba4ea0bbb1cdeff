-- Proves: I24: everything a run stored is given, in a fixed order, the same under every setting, without wall instants.
begin;
select plan(6);
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
alter table decide.model_outputs disable trigger append_only;
update decide.model_outputs set mu = 1 / 3::double precision where mu is not null;
create temp table rows as select c.cycle_id, decide.run_rows(c.cycle_id, 1) as line from decide.cycles as c;
select results_eq($$ select k from rows as r cross join lateral jsonb_object_keys(r.line) as k order by k collate "C" $$, $$ values ('decisions'), ('model_outputs'), ('regime_states'), ('risk_checks'), ('risk_states'), ('runs'), ('symbol_states'), ('verdicts') $$, 'every part that has rows');
select results_eq($$ select d ->> 'symbol' from rows as r cross join lateral jsonb_array_elements(r.line -> 'decisions') with ordinality as e (d, n) order by n $$, $$ values ('AAA'), ('BBB'), ('CCC'), ('DDD') $$, 'in symbol order');
select is((select r.line #>> '{decisions,0,timestamp}' from rows as r), '2013-02-27T21:30:00.000000Z', 'instants in UTC');
select ok((select r.line::text !~ 'recorded_at' from rows as r), 'no wall instant');
set local timezone = 'Asia/Tokyo';
set local datestyle = 'German';
set local extra_float_digits = -15;
select is((select decide.run_rows(r.cycle_id, 1) from rows as r), (select r.line from rows as r), 'under other settings');
select * from finish();
rollback;
