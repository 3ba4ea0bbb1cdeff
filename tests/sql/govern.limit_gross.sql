-- Proves: A1, HELD, I16, I17 (gross exposure of the book).
begin;
select plan(10);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_gross(jsonb_populate_record(
        null::govern.order_contexts, '{"limits": {"gross": 1.0}, "nav": 1000000, "reduces": false, "exposures_before": {"gross": 0}, "exposures_after": {"gross": 1000000, "held_gross": 0}}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(gross,t,WITHIN)', 'at the limit it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": {"gross": "1000000.0001", "held_gross": 0}}') as f),
    '(gross,f,ABOVE_LIMIT)', 'just above it does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": {"gross": 1000, "held_gross": "1000000.0001"}}') as f),
    '(gross,f,ABOVE_LIMIT)', 'positions above it by themselves refuse an increase that orders offset on paper'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_before": {"gross": 1000005}, "exposures_after": {"gross": 1000005, "held_gross": 1000005}}') as f),
    '(gross,t,NOT_RAISED)', 'what does not raise it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reduces": true, "exposures_after": null}') as f),
    '(gross,t,REDUCES)', 'a reduction passes, whatever is unknown'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": null}') as f),
    '(gross,f,INPUT_UNKNOWN)', 'a book with an unknown price refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": {"gross": 1000000, "held_gross": null}}') as f),
    '(gross,f,INPUT_UNKNOWN)', 'half a book refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": null}') as f),
    '(gross,f,INPUT_UNKNOWN)', 'an unknown NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": "NaN"}') as f),
    '(gross,f,INPUT_UNKNOWN)', 'a NaN NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {}}') as f),
    '(gross,f,LIMIT_UNKNOWN)', 'a limit that is not in force refuses'
);

select * from finish();
rollback;
