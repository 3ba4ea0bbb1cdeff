-- Proves: A3.
begin;
select plan(5);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_shortable_only(jsonb_populate_record(
        null::govern.order_contexts, '{"rules": {"SHORTABLE_ONLY": null}, "side": "SELL", "reduces": false, "shortable": true}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(SHORTABLE_ONLY,t,WITHIN)', 'a shortable share is sold short'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"shortable": false}') as f),
    '(SHORTABLE_ONLY,f,NOT_SHORTABLE)', 'another is not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"shortable": null}') as f),
    '(SHORTABLE_ONLY,f,NOT_SHORTABLE)', 'nor one nobody knows about'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"shortable": false, "reduces": true}') as f),
    '(SHORTABLE_ONLY,t,WITHIN)', 'what is held is sold'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"shortable": false, "side": "BUY"}') as f),
    '(SHORTABLE_ONLY,t,WITHIN)', 'and bought'
);

select * from finish();
rollback;
