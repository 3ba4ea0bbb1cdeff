-- Proves: F15 (what a broker takes are rows).
begin;
select plan(4);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_order_type(jsonb_populate_record(
        null::govern.order_contexts, '{"rules": {"ORDER_TYPE": null}, "quantity": 2, "type_taken": true}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(ORDER_TYPE,t,WITHIN)', 'what stands in the table passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"type_taken": false}') as f),
    '(ORDER_TYPE,f,NOT_TAKEN)', 'what does not is refused'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"type_taken": null}') as f),
    '(ORDER_TYPE,f,NOT_TAKEN)', 'not known refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"type_taken": false, "rules": {}}') as f),
    '(ORDER_TYPE,t,WITHIN)', 'a broker without the rule takes it'
);

select * from finish();
rollback;
