-- Proves: I16, I17 (orders of an account and session).
begin;
select plan(5);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_daily_message_count(jsonb_populate_record(
        null::govern.order_contexts, '{"limits": {"daily_message_count": 1000}, "reduces": false, "day_orders": 1000}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(daily_message_count,t,WITHIN)', 'at the threshold (1,000 orders) it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"day_orders": 1001}') as f),
    '(daily_message_count,f,ABOVE_LIMIT)', 'just above it does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"day_orders": null}') as f),
    '(daily_message_count,f,INPUT_UNKNOWN)', 'a number that is not known refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {}}') as f),
    '(daily_message_count,f,LIMIT_UNKNOWN)', 'a limit that is not in force refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {"daily_message_count": null}}') as f),
    '(daily_message_count,f,LIMIT_UNKNOWN)', 'a limit without a number refuses'
);

select * from finish();
rollback;
