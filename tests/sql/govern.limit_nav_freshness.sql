-- Proves: I12, I17, B5 (no NAV mark, no increase).
begin;
select plan(6);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_nav_freshness(jsonb_populate_record(
        null::govern.order_contexts, '{"nav": 1000000, "reduces": false}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(nav_freshness,t,WITHIN)', 'a positive mark of the session passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": null}') as f),
    '(nav_freshness,f,NO_NAV_OF_SESSION)', 'no mark refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": "NaN"}') as f),
    '(nav_freshness,f,NO_NAV_OF_SESSION)', 'NaN refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": "Infinity"}') as f),
    '(nav_freshness,f,NO_NAV_OF_SESSION)', 'infinity refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": 0}') as f),
    '(nav_freshness,f,NO_NAV_OF_SESSION)', 'zero refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"nav": null, "reduces": true}') as f),
    '(nav_freshness,t,WITHIN)', 'a reduction needs no NAV'
);

select * from finish();
rollback;
