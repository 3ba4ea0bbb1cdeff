-- Proves: A4 (a flip is an exit and an entry).
begin;
select plan(4);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_close_before_flip(jsonb_populate_record(
        null::govern.order_contexts, '{"rules": {"CLOSE_BEFORE_FLIP": null}, "quantity": 10, "reducible": 10}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(CLOSE_BEFORE_FLIP,t,WITHIN)', 'closing exactly passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"quantity": "10.0001"}') as f),
    '(CLOSE_BEFORE_FLIP,f,CLOSES_AND_OPENS)', 'closing and opening in one order does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reducible": 0, "quantity": 50}') as f),
    '(CLOSE_BEFORE_FLIP,t,WITHIN)', 'opening with nothing left to close passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"reducible": null}') as f),
    '(CLOSE_BEFORE_FLIP,f,CLOSES_AND_OPENS)', 'an unknown position refuses'
);

select * from finish();
rollback;
