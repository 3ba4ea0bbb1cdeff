-- Proves: I20, I28: a person is a login role of its own that is in fund_operator; enrolled and retired, told and kept.
begin;
select plan(13);
create role fund_operator_ann login in role fund_operator;
create role fund_operator_zoe login;
select throws_ok($$select govern.record_operator('fund_operator', 'enrolled', 'x')$$, 'MQ421', null, 'the shared role is nobody');
select throws_ok($$select govern.record_operator('fund_decider', 'enrolled', 'x')$$, 'MQ421', null, 'nor is a process');
select throws_ok($$select govern.record_operator('fund_operator_zoe', 'enrolled', 'x')$$, 'MQ421', null, 'no member of fund_operator');
select throws_ok($$select govern.record_operator('fund_operator_nobody', 'enrolled', 'x')$$, 'MQ421', null, 'no such role');
select throws_ok($$select govern.record_operator('fund_operator_ann', 'enrolled', '')$$, 'MQ421', null, 'no reason');
select throws_ok($$select govern.record_operator('fund_operator_ann', 'retired', 'x')$$, 'MQ421', null, 'never enrolled');
select is(govern.record_operator('fund_operator_ann', 'enrolled', 'desk'), true, 'enrolled');
select is(govern.record_operator('fund_operator_ann', 'enrolled', 'desk'), false, 'once');
select is(govern.record_operator('fund_operator_ann', 'retired', 'left'), true, 'retired');
select results_eq('select o.role_name, o.enrolled, o.reason from govern.operators as o',
    $$values ('fund_operator_ann'::text, false, 'left'::text)$$, 'the newest counts');
select is((select count(*)::integer from audit.audit_log as l where l.event in ('operator.enrolled', 'operator.retired')), 2, 'both are audit rows');
grant fund_operator to fund_operator_zoe;
select govern.record_operator('fund_operator_zoe', 'enrolled', 'desk');
select is((select count(*)::integer from notify.alerts as a where a.code = 'OPERATOR_ENROLLED'), 2, 'another person is another alert');
set local role fund_operator;
select throws_ok($$select govern.record_operator('fund_operator_ann', 'enrolled', 'x')$$, '42501', null, 'no operator makes another');
reset role;
select * from finish();
rollback;
