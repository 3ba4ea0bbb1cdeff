-- Proves: A3.
begin;
select plan(5);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_no_fractional_short(jsonb_populate_record(
        null::govern.order_contexts, '{"rules": {"NO_FRACTIONAL_SHORT": null}, "side": "SELL", "reduces": false, "quantity": 10}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(NO_FRACTIONAL_SHORT,t,WITHIN)', 'whole shares are sold short'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"quantity": "10.0001"}') as f),
    '(NO_FRACTIONAL_SHORT,f,FRACTIONAL_SHORT)', 'a fraction is not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"quantity": "10.0001", "reduces": true}') as f),
    '(NO_FRACTIONAL_SHORT,t,WITHIN)', 'a fraction of a long position is sold'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"quantity": "10.0001", "side": "BUY"}') as f),
    '(NO_FRACTIONAL_SHORT,t,WITHIN)', 'a fraction is bought'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"quantity": null}') as f),
    '(NO_FRACTIONAL_SHORT,f,FRACTIONAL_SHORT)', 'an unknown quantity refuses'
);

select * from finish();
rollback;
