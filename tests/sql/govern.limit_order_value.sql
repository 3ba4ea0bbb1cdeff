-- Proves: I16, I17 (one order's value; exact at the threshold).
begin;
select plan(10);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_order_value(jsonb_populate_record(
        null::govern.order_contexts, '{"limits": {"order_value": 1000000}, "reduces": false, "order_value": 1000000}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(order_value,t,WITHIN)', 'at the threshold (1,000,000 USD) it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"order_value": "1000000.0001"}') as f),
    '(order_value,f,ABOVE_LIMIT)', 'just above it does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"order_value": null}') as f),
    '(order_value,f,INPUT_UNKNOWN)', 'a number that is not known refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {}}') as f),
    '(order_value,f,LIMIT_UNKNOWN)', 'a limit that is not in force refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {"order_value": null}}') as f),
    '(order_value,f,LIMIT_UNKNOWN)', 'a limit without a number refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"order_value": "NaN"}') as f),
    '(order_value,f,INPUT_UNKNOWN)', 'NaN refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"order_value": "Infinity"}') as f),
    '(order_value,f,INPUT_UNKNOWN)', 'infinity refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"order_value": 2000000, "leg": "stop", "reduces": true}') as f),
    '(order_value,t,PROTECTS)', 'a protective stop is as large as its position'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"order_value": 2000000, "leg": "stop"}') as f),
    '(order_value,f,ABOVE_LIMIT)', 'what is only called one is not'
);

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"order_value": 2000000, "leg": "liquidation", "reduces": true}') as f),
    '(order_value,t,PROTECTS)', 'so is a liquidation'
);

select * from finish();
rollback;
