-- Proves: A1, HELD, I16, I17 (long exposure of the book).
begin;
select plan(10);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_long(jsonb_populate_record(
        null::govern.order_contexts, '{"limits": {"long": 0.6}, "nav": 1000000, "reduces": false, "exposures_before": {"long": 0}, "exposures_after": {"long": 600000, "held_long": 0}}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(long,t,WITHIN)', 'at the limit it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": {"long": "600000.0001", "held_long": 0}}') as f),
    '(long,f,ABOVE_LIMIT)', 'just above it does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": {"long": 1000, "held_long": "600000.0001"}}') as f),
    '(long,f,ABOVE_LIMIT)', 'positions above it by themselves refuse an increase that orders offset on paper'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_before": {"long": 600005}, "exposures_after": {"long": 600005, "held_long": 600005}}') as f),
    '(long,t,NOT_RAISED)', 'what does not raise it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reduces": true, "exposures_after": null}') as f),
    '(long,t,REDUCES)', 'a reduction passes, whatever is unknown'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": null}') as f),
    '(long,f,INPUT_UNKNOWN)', 'a book with an unknown price refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": {"long": 600000, "held_long": null}}') as f),
    '(long,f,INPUT_UNKNOWN)', 'half a book refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": null}') as f),
    '(long,f,INPUT_UNKNOWN)', 'an unknown NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": "NaN"}') as f),
    '(long,f,INPUT_UNKNOWN)', 'a NaN NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {}}') as f),
    '(long,f,LIMIT_UNKNOWN)', 'a limit that is not in force refuses'
);

select * from finish();
rollback;
