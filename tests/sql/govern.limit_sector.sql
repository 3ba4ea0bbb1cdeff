-- Proves: A2, HELD, I16, I17 (sector exposure of the book).
begin;
select plan(10);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_sector(jsonb_populate_record(
        null::govern.order_contexts, '{"limits": {"sector": 0.15}, "nav": 1000000, "reduces": false, "exposures_before": {"sector": 0}, "exposures_after": {"sector": 150000, "held_sector": 0}}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(sector,t,WITHIN)', 'at the limit it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": {"sector": "150000.0001", "held_sector": 0}}') as f),
    '(sector,f,ABOVE_LIMIT)', 'just above it does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": {"sector": 1000, "held_sector": "150000.0001"}}') as f),
    '(sector,f,ABOVE_LIMIT)', 'positions above it by themselves refuse an increase that orders offset on paper'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_before": {"sector": 150005}, "exposures_after": {"sector": 150005, "held_sector": 150005}}') as f),
    '(sector,t,NOT_RAISED)', 'what does not raise it passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reduces": true, "exposures_after": null}') as f),
    '(sector,t,REDUCES)', 'a reduction passes, whatever is unknown'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": null}') as f),
    '(sector,f,INPUT_UNKNOWN)', 'a book with an unknown price refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"exposures_after": {"sector": 150000, "held_sector": null}}') as f),
    '(sector,f,INPUT_UNKNOWN)', 'half a book refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": null}') as f),
    '(sector,f,INPUT_UNKNOWN)', 'an unknown NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": "NaN"}') as f),
    '(sector,f,INPUT_UNKNOWN)', 'a NaN NAV refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limits": {}}') as f),
    '(sector,f,LIMIT_UNKNOWN)', 'a limit that is not in force refuses'
);

select * from finish();
rollback;
