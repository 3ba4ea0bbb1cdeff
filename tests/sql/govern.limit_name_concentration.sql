-- Proves: A5, HELD, I16, I17 (10 % of NAV in one name; sells toward zero always pass).
begin;
select plan(12);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_name_concentration(jsonb_populate_record(
        null::govern.order_contexts, '{"limits": {"name_concentration": 0.1}, "nav": 1000000, "name_before": 0, "name_after": 100000, "reduces": false}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(name_concentration,t,WITHIN)', 'ten per cent passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"name_after": "100000.0001"}') as f),
    '(name_concentration,f,ABOVE_LIMIT)', 'a ten-thousandth of a dollar more does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"name_before": 150000, "name_after": 150000}') as f),
    '(name_concentration,t,NOT_RAISED)', 'what does not raise it passes above it'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"name_before": 150000, "name_after": 150001}') as f),
    '(name_concentration,f,ABOVE_LIMIT)', 'what raises it further does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reduces": true, "name_after": 150000}') as f),
    '(name_concentration,t,REDUCES)', 'a sell toward zero passes at any size'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reduces": true, "name_after": null, "nav": null}') as f),
    '(name_concentration,t,REDUCES)', 'and without price or NAV'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": null}') as f),
    '(name_concentration,f,INPUT_UNKNOWN)', 'an unknown NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": "NaN"}') as f),
    '(name_concentration,f,INPUT_UNKNOWN)', 'a NaN NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": 0}') as f),
    '(name_concentration,f,INPUT_UNKNOWN)', 'a NAV of zero refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"name_after": null}') as f),
    '(name_concentration,f,INPUT_UNKNOWN)', 'an unknown price refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"name_before": "NaN", "name_after": "NaN"}') as f),
    '(name_concentration,f,INPUT_UNKNOWN)', 'NaN before and after is not unraised'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {}}') as f),
    '(name_concentration,f,LIMIT_UNKNOWN)', 'a limit that is not in force refuses'
);

select * from finish();
rollback;
