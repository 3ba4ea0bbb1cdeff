-- Proves: I16, I17 (live orders of a symbol).
begin;
select plan(5);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_open_orders_per_symbol(jsonb_populate_record(
        null::govern.order_contexts, '{"limits": {"open_orders_per_symbol": 5}, "reduces": false, "symbol_orders": 5}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(open_orders_per_symbol,t,WITHIN)', 'at the threshold (five orders) it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"symbol_orders": 6}') as f),
    '(open_orders_per_symbol,f,ABOVE_LIMIT)', 'just above it does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"symbol_orders": null}') as f),
    '(open_orders_per_symbol,f,INPUT_UNKNOWN)', 'a number that is not known refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {}}') as f),
    '(open_orders_per_symbol,f,LIMIT_UNKNOWN)', 'a limit that is not in force refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {"open_orders_per_symbol": null}}') as f),
    '(open_orders_per_symbol,f,LIMIT_UNKNOWN)', 'a limit without a number refuses'
);

select * from finish();
rollback;
