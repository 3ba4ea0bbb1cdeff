-- Proves: A1, HELD, I16, I17 (short exposure of the book).
begin;
select plan(10);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_short(jsonb_populate_record(
        null::govern.order_contexts, '{"limits": {"short": 0.4}, "nav": 1000000, "reduces": false, "exposures_before": {"short": 0}, "exposures_after": {"short": 400000, "held_short": 0}}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(short,t,WITHIN)', 'at the limit it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": {"short": "400000.0001", "held_short": 0}}') as f),
    '(short,f,ABOVE_LIMIT)', 'just above it does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": {"short": 1000, "held_short": "400000.0001"}}') as f),
    '(short,f,ABOVE_LIMIT)', 'positions above it by themselves refuse an increase that orders offset on paper'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_before": {"short": 400005}, "exposures_after": {"short": 400005, "held_short": 400005}}') as f),
    '(short,t,NOT_RAISED)', 'what does not raise it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reduces": true, "exposures_after": null}') as f),
    '(short,t,REDUCES)', 'a reduction passes, whatever is unknown'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": null}') as f),
    '(short,f,INPUT_UNKNOWN)', 'a book with an unknown price refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": {"short": 400000, "held_short": null}}') as f),
    '(short,f,INPUT_UNKNOWN)', 'half a book refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": null}') as f),
    '(short,f,INPUT_UNKNOWN)', 'an unknown NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": "NaN"}') as f),
    '(short,f,INPUT_UNKNOWN)', 'a NaN NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {}}') as f),
    '(short,f,LIMIT_UNKNOWN)', 'a limit that is not in force refuses'
);

select * from finish();
rollback;
