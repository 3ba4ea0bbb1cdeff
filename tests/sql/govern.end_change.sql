-- Proves: I20: any person stops a loosening, before or after its approval; then it can take no effect.
begin;
select plan(10);
select fixtures.desk_of_two();
update ops.instances set kind = 'real';
set local session authorization fund_operator_ann;
select fixtures.propose(now() + interval '1 hour'), fixtures.propose(now() + interval '2 hours');
select throws_ok('select govern.end_change(fixtures.request(), ''withdrawn'', '''')', 'MQ422', null, 'with a reason');
select throws_ok('select govern.end_change(fixtures.request(), ''applied'', ''x'')', 'MQ422', null, 'nothing else than an end');
set local session authorization postgres;
set local session authorization fund_operator;
select throws_ok('select govern.end_change(fixtures.request(), ''refused'', ''no'')', 'MQ420', null, 'not the shared role');
set local session authorization fund_operator_ben;
select lives_ok('select govern.end_change(fixtures.request(), ''refused'', ''no'')', 'refused');
select throws_ok('select govern.approve_change(fixtures.request(), ''x'')', 'MQ424', null, 'then it is over');
select lives_ok('select govern.approve_change(fixtures.request(2), ''yes'')', 'the other approved');
set local session authorization fund_operator_ann;
select lives_ok('select govern.end_change(fixtures.request(2), ''withdrawn'', ''second thoughts'')', 'and withdrawn after that');
select throws_ok('select govern.end_change(fixtures.request(2), ''refused'', ''x'')', 'MQ424', null, 'once');
set local session authorization postgres;
select results_eq('select c.state, c.ended_by from audit.change_requests as c order by c.request_id',
    $$values ('REFUSED'::text, 'fund_operator_ben'::text), ('WITHDRAWN', 'fund_operator_ann')$$, 'who ended which');
select is((select count(*)::integer from audit.audit_log as l where l.event in ('change.refused', 'change.withdrawn')), 2, 'audit rows');
select * from finish();
rollback;
