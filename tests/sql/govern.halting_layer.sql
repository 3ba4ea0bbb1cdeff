-- Proves: I26: where the stages halted, the alert says what the decisions say, not that the layers before theirs found nothing.
begin;
select plan(6);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
select is((select govern.halting_layer(o.cycle_id, o.run) from opened as o), null, 'nothing refused');
select c.layer from opened as o cross join lateral govern.check_results(o.cycle_id, o.run) as c;
select is((select govern.halting_layer(o.cycle_id, o.run) from opened as o), 5, 'no view is stored: the first that refused');
select decide.record_decisions(o.cycle_id, o.run, (
    select jsonb_agg(d.one || '{"reason_codes": ["HALT_6", "NAV_UNUSABLE"]}') from jsonb_array_elements(fixtures.decisions(o.cycle_id, o.run, 6)) as d (one)
)) from opened as o;
select is((select govern.halting_layer(o.cycle_id, o.run) from opened as o), 6, 'the one the decisions name');
select is((select array_agg(c.verdict order by c.layer) from opened as o cross join lateral govern.conclude(o.cycle_id, o.run) as c), array['PASS', 'PASS'], 'layer 11 looks for that one');
select results_eq('select a.code, a.account, a.message from notify.alerts as a',
    $$values ('HALT_6'::text, 'paper'::text, 'cycle halted by layer 6 (risk limits): NAV_UNUSABLE'::text)$$, 'and the alert tells it, with their reason');
select is((select govern.halting_layer(repeat('0', 32), 1)), null, 'an unknown run');
select * from finish();
rollback;
