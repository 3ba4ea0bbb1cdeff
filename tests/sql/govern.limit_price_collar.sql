-- Proves: I16, I17, D14 (limit and stop prices near the market, a protective stop at its own distance).
begin;
select plan(13);

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
    '(price_collar,t,NO_PRICE_GIVEN)', 'a market order has no price'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price": null}') as f),
    '(price_collar,f,INPUT_UNKNOWN)', 'an unknown last close refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price": "NaN"}') as f),
    '(price_collar,f,INPUT_UNKNOWN)', 'a NaN last close refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"stop_price": 111}') as f),
    '(price_collar,f,ABOVE_LIMIT)', 'the farther of limit and stop price counts'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": null, "stop_price": 89, "leg": "entry", "side": "SELL"}') as f),
    '(price_collar,f,ABOVE_LIMIT)', 'so does the stop price of an entry'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": null, "stop_price": 60, "leg": "stop", "side": "SELL"}') as f),
    '(price_collar,t,WITHIN)', 'a protective stop of a long rests as far below as it must'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": null, "stop_price": 111, "leg": "stop", "side": "SELL"}') as f),
    '(price_collar,f,ABOVE_LIMIT)', 'far above the price it is a mistake'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": null, "stop_price": 140, "leg": "stop", "side": "BUY"}') as f),
    '(price_collar,t,WITHIN)', 'that of a short as far above'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": null, "stop_price": 89, "leg": "stop", "side": "BUY"}') as f),
    '(price_collar,f,ABOVE_LIMIT)', 'far below it is a mistake'
);

select * from finish();
rollback;
