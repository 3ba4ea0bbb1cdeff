-- Proves: A5, B5 (an exit never opens).
begin;
select plan(6);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_reduce_only(jsonb_populate_record(
        null::govern.order_contexts, '{"leg": "exit", "reduces": true, "quantity": 10, "reducible": 10}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(reduce_only,t,WITHIN)', 'an exit that reduces passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reduces": false}') as f),
    '(reduce_only,f,WOULD_OPEN)', 'an exit that would open refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reduces": null}') as f),
    '(reduce_only,f,WOULD_OPEN)', 'an exit that may open refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"leg": "stop", "reduces": false}') as f),
    '(reduce_only,f,WOULD_OPEN)', 'so does a stop beyond the position'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"leg": "liquidation", "reduces": false}') as f),
    '(reduce_only,f,WOULD_OPEN)', 'and a liquidation'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"leg": "entry", "reduces": false}') as f),
    '(reduce_only,t,WITHIN)', 'an entry may open'
);

select * from finish();
rollback;
