-- Proves: the tick rule of brokers.
begin;
select plan(9);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_price_tick(jsonb_populate_record(
        null::govern.order_contexts, '{"rules": {"PRICE_TICK": 0.01}, "limit_price": 10.01, "stop_price": null}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(PRICE_TICK,t,WITHIN)', 'a cent passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": 10.005}') as f),
    '(PRICE_TICK,f,SUB_PENNY)', 'half a cent does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"stop_price": 10.005}') as f),
    '(PRICE_TICK,f,SUB_PENNY)', 'nor in the stop price'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": 0.9999}') as f),
    '(PRICE_TICK,t,WITHIN)', 'below one USD a hundredth of a cent passes'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": 0.99995}') as f),
    '(PRICE_TICK,f,SUB_PENNY)', 'half of that does not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": 1.0001}') as f),
    '(PRICE_TICK,f,SUB_PENNY)', 'from one USD on cents count'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": 1}') as f),
    '(PRICE_TICK,t,WITHIN)', 'one USD is one'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": null}') as f),
    '(PRICE_TICK,t,WITHIN)', 'a market order has no price'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"limit_price": 10.005, "rules": {}}') as f),
    '(PRICE_TICK,t,WITHIN)', 'a broker without the rule takes it'
);

select * from finish();
rollback;
