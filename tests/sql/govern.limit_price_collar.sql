-- Proves: I16, I17 (a limit price near the market).
begin;
select plan(7);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_price_collar(jsonb_populate_record(
        null::govern.order_contexts, '{"limits": {"price_collar": 0.1}, "price": 100, "limit_price": 110}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(price_collar,t,WITHIN)', 'ten per cent above passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": "110.0001"}') as f),
    '(price_collar,f,ABOVE_LIMIT)', 'a hair more does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": 90}') as f),
    '(price_collar,t,WITHIN)', 'ten per cent below passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": "89.9999"}') as f),
    '(price_collar,f,ABOVE_LIMIT)', 'a hair less does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": null}') as f),
    '(price_collar,t,NO_LIMIT_PRICE)', 'a market order has no limit price'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price": null}') as f),
    '(price_collar,f,INPUT_UNKNOWN)', 'an unknown last close refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price": "NaN"}') as f),
    '(price_collar,f,INPUT_UNKNOWN)', 'a NaN last close refuses'
);

select * from finish();
rollback;
