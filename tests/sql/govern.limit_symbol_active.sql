-- Proves: F18, I17 (only ACTIVE trades; stops and liquidations of what is held stay possible).
begin;
select plan(7);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_symbol_active(jsonb_populate_record(
        null::govern.order_contexts, '{"governance_state": "ACTIVE", "leg": "entry"}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(symbol_active,t,WITHIN)', 'an ACTIVE symbol may be entered'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"governance_state": "DEGRADED"}') as f),
    '(symbol_active,f,NOT_ACTIVE)', 'a DEGRADED one may not'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"governance_state": "QUARANTINED"}') as f),
    '(symbol_active,f,NOT_ACTIVE)', 'nor a QUARANTINED one'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"governance_state": null}') as f),
    '(symbol_active,f,NOT_ACTIVE)', 'nor one the gate did not judge'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"governance_state": "DEGRADED", "leg": "exit"}') as f),
    '(symbol_active,f,NOT_ACTIVE)', 'no committee order either way'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"governance_state": "DEGRADED", "leg": "stop"}') as f),
    '(symbol_active,t,WITHIN)', 'its protective stop stays'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"governance_state": null, "leg": "liquidation"}') as f),
    '(symbol_active,t,WITHIN)', 'a liquidation closes it'
);

select * from finish();
rollback;
