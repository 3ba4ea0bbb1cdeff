-- Proves: analysts see what each layer said at placing and at release.
begin;
select plan(2);
select fixtures.released();
set local role fund_analyst;
select results_eq($$select k.phase, count(*)::integer, count(distinct k.check_id)::integer from audit.layer_checks as k group by k.phase order by 1$$,
    $$values ('place', 9, 1), ('release', 11, 1)$$, 'nine at placing, eleven at release');
select is_empty($$select * from audit.layer_checks as k where k.layer_name is null or k.reason_code is null or k.evidence is null or k.decided_at is null$$, 'each complete');
reset role;
select * from finish();
rollback;
