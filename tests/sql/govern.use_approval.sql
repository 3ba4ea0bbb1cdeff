-- Proves: I20: exactly what two people agreed on can be pinned, once, in its time.
begin;
select plan(12);
select fixtures.desk_of_two();
set local session authorization fund_operator_ann;
select fixtures.propose('2013-02-28 09:00Z', 24);
set local session authorization postgres;
update ops.simulated_clocks set instant = '2013-02-28 10:00Z';
create function fixtures.use(p_body text default 'golden: 2', p_limits jsonb default fixtures.looser()) returns bigint language sql as $$
    select govern.use_approval(fixtures.config_sha256(p_body), '{}', p_limits, 'x')
$$;
select is(fixtures.use(), null, 'not approved');
set local session authorization fund_operator_ben;
select govern.approve_change(fixtures.request(), 'agreed');
set local session authorization postgres;
select is(fixtures.use('golden: 3'), null, 'another file');
select is(fixtures.use(p_limits => fixtures.limits()), null, 'other limits');
select is((select govern.use_approval(fixtures.config_sha256('golden: 2'), '{"x": {}}', fixtures.looser(), 'x')), null, 'other values');
update ops.simulated_clocks set instant = '2013-02-28 08:59Z';
select is(fixtures.use(), null, 'before its instant');
update ops.simulated_clocks set instant = '2013-03-01 09:00Z';
select is(fixtures.use(), null, 'after its end');
update ops.simulated_clocks set instant = '2013-02-28 10:00Z';
savepoint tightened;
select govern.tighten_limit('var', 0.03, 'x');
select is(fixtures.use(), null, 'over other numbers');
rollback to tightened;
savepoint unused;
select is(fixtures.use(), (select fixtures.request()), 'used');
select is(fixtures.use(), null, 'once');
rollback to unused;
-- The last word is of a real database, where loosening needs it; its clock is the wall's, so the request is put there.
alter table govern.change_requests disable trigger append_only;
update govern.change_requests set effective_from = now() - interval '1 hour', expires_at = now() + interval '1 hour';
update ops.instances set kind = 'real';
select throws_ok($$select fixtures.pin('golden: 2', jsonb_set(fixtures.limits(), '{2,threshold}', '0.3'))$$, 'MQ232', null, 'a looser one still than was approved');
select is(fixtures.pin('golden: 2', fixtures.looser()), true, 'pinned');
select results_eq('select h.proposed_by, h.approved_by from audit.config_history as h order by h.pin_id desc limit 1',
    $$values ('fund_operator_ann'::text, 'fund_operator_ben'::text)$$, 'whose it was');
select * from finish();
rollback;
