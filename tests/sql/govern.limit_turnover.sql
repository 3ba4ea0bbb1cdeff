-- Proves: A4, I17 (increases of the session against NAV).
begin;
select plan(13);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_turnover(jsonb_populate_record(
        null::govern.order_contexts, '{"limits": {"turnover": 0.2}, "reduces": false, "turnover_value": 200000, "nav": 1000000}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(turnover,t,WITHIN)', 'at the threshold (20 % of NAV) it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"turnover_value": "200000.0001"}') as f),
    '(turnover,f,ABOVE_LIMIT)', 'just above it does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"turnover_value": null}') as f),
    '(turnover,f,INPUT_UNKNOWN)', 'a number that is not known refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {}}') as f),
    '(turnover,f,LIMIT_UNKNOWN)', 'a limit that is not in force refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {"turnover": null}}') as f),
    '(turnover,f,LIMIT_UNKNOWN)', 'a limit without a number refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"turnover_value": "NaN"}') as f),
    '(turnover,f,INPUT_UNKNOWN)', 'NaN refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"turnover_value": "Infinity"}') as f),
    '(turnover,f,INPUT_UNKNOWN)', 'infinity refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": null}') as f),
    '(turnover,f,INPUT_UNKNOWN)', 'an unknown NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": "NaN"}') as f),
    '(turnover,f,INPUT_UNKNOWN)', 'a NaN NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": 0}') as f),
    '(turnover,f,INPUT_UNKNOWN)', 'a NAV of zero refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": -1}') as f),
    '(turnover,f,INPUT_UNKNOWN)', 'a negative NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reduces": true, "turnover_value": "200000.0001"}') as f),
    '(turnover,t,REDUCES)', 'a reduction passes above it'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reduces": null, "turnover_value": "200000.0001"}') as f),
    '(turnover,f,ABOVE_LIMIT)', 'not knowing whether it reduces is not reducing'
);

select * from finish();
rollback;
