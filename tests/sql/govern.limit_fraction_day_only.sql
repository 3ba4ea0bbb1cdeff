-- Proves: F15.
begin;
select plan(5);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_fraction_day_only(jsonb_populate_record(
        null::govern.order_contexts, '{"rules": {"FRACTION_DAY_ONLY": null}, "quantity": 1.5, "time_in_force": "DAY"}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(FRACTION_DAY_ONLY,t,WITHIN)', 'a fraction for the day passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"time_in_force": "GTC"}') as f),
    '(FRACTION_DAY_ONLY,f,FRACTION_NOT_DAY)', 'until cancelled it does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"time_in_force": "GTC", "quantity": 2}') as f),
    '(FRACTION_DAY_ONLY,t,WITHIN)', 'whole shares rest as long as they like'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"time_in_force": null}') as f),
    '(FRACTION_DAY_ONLY,f,FRACTION_NOT_DAY)', 'an unknown time in force refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"time_in_force": "GTC", "rules": {}}') as f),
    '(FRACTION_DAY_ONLY,t,WITHIN)', 'a broker without the rule takes it'
);

select * from finish();
rollback;
