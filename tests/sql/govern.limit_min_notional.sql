-- Proves: A17 (dust; exits to zero aside).
begin;
select plan(7);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_min_notional(jsonb_populate_record(
        null::govern.order_contexts, '{"rules": {"MIN_NOTIONAL": 1}, "order_value": 1, "reduces": false, "quantity": 1, "reducible": 0}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(MIN_NOTIONAL,t,WITHIN)', 'one dollar passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"order_value": "0.9999"}') as f),
    '(MIN_NOTIONAL,f,BELOW_MINIMUM)', 'less does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"order_value": "0.01", "reduces": true, "reducible": 1}') as f),
    '(MIN_NOTIONAL,t,WITHIN)', 'an exit to zero passes at any value'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"order_value": "0.01", "reduces": true, "reducible": 2}') as f),
    '(MIN_NOTIONAL,f,BELOW_MINIMUM)', 'a part of a position does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"order_value": null}') as f),
    '(MIN_NOTIONAL,f,BELOW_MINIMUM)', 'an unknown value refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"order_value": "NaN"}') as f),
    '(MIN_NOTIONAL,f,BELOW_MINIMUM)', 'NaN refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"rules": {"MIN_NOTIONAL": null}}') as f),
    '(MIN_NOTIONAL,f,BELOW_MINIMUM)', 'a rule without its number refuses'
);

select * from finish();
rollback;
