-- Proves: I16, I17 (many small orders are one big one).
begin;
select plan(9);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_basket_value(jsonb_populate_record(
        null::govern.order_contexts, '{"limits": {"basket_value": 2000000}, "reduces": false, "basket_value": 2000000}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(basket_value,t,WITHIN)', 'at the threshold (2,000,000 USD) it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"basket_value": "2000000.0001"}') as f),
    '(basket_value,f,ABOVE_LIMIT)', 'just above it does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"basket_value": null}') as f),
    '(basket_value,f,INPUT_UNKNOWN)', 'a number that is not known refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {}}') as f),
    '(basket_value,f,LIMIT_UNKNOWN)', 'a limit that is not in force refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {"basket_value": null}}') as f),
    '(basket_value,f,LIMIT_UNKNOWN)', 'a limit without a number refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"basket_value": "NaN"}') as f),
    '(basket_value,f,INPUT_UNKNOWN)', 'NaN refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"basket_value": "Infinity"}') as f),
    '(basket_value,f,INPUT_UNKNOWN)', 'infinity refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reduces": true, "basket_value": "2000000.0001"}') as f),
    '(basket_value,t,REDUCES)', 'a reduction passes above it'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reduces": null, "basket_value": "2000000.0001"}') as f),
    '(basket_value,f,ABOVE_LIMIT)', 'not knowing whether it reduces is not reducing'
);

select * from finish();
rollback;
