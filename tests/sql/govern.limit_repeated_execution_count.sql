-- Proves: I16, I17 (the repeated-execution throttle).
begin;
select plan(6);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_repeated_execution_count(jsonb_populate_record(
        null::govern.order_contexts, '{"limits": {"repeated_execution_count": 10}, "executions": 9}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(repeated_execution_count,t,WITHIN)', 'nine executions and this order are ten: passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"executions": 10}') as f),
    '(repeated_execution_count,f,ABOVE_LIMIT)', 'the eleventh does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"executions": null}') as f),
    '(repeated_execution_count,f,INPUT_UNKNOWN)', 'a count that is not known refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {}}') as f),
    '(repeated_execution_count,f,LIMIT_UNKNOWN)', 'a limit that is not in force refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"executions": 10, "leg": "stop", "reduces": true}') as f),
    '(repeated_execution_count,t,PROTECTS)', 'a position that was sold in many pieces keeps its stop'
);

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"executions": 10, "leg": "liquidation", "reduces": true}') as f),
    '(repeated_execution_count,t,PROTECTS)', 'and can be closed'
);

select * from finish();
rollback;
