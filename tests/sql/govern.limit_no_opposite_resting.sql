-- Proves: no order of ours against another (wash trades).
begin;
select plan(4);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_no_opposite_resting(jsonb_populate_record(
        null::govern.order_contexts, '{"rules": {"NO_OPPOSITE_RESTING": null}, "opposite_quantity": 0}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(NO_OPPOSITE_RESTING,t,WITHIN)', 'nothing against it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"opposite_quantity": 0.0001}') as f),
    '(NO_OPPOSITE_RESTING,f,OPPOSITE_ORDER)', 'anything against it does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"opposite_quantity": null}') as f),
    '(NO_OPPOSITE_RESTING,f,OPPOSITE_ORDER)', 'not known refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"opposite_quantity": 1, "rules": {}}') as f),
    '(NO_OPPOSITE_RESTING,t,WITHIN)', 'a broker without the rule takes it'
);

select * from finish();
rollback;
