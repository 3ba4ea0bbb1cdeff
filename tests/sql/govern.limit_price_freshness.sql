-- Proves: I12, I17 (stale, missing and restated prices refuse).
begin;
select plan(13);

create function pg_temp.finding(p_changes jsonb) returns govern.limit_findings language sql as $$
    select govern.limit_price_freshness(jsonb_populate_record(
        null::govern.order_contexts, '{"price": 100, "price_session": "2020-01-06", "as_of_session": "2020-01-06", "decided_session": "2020-01-06", "decided_price": 100, "releasing": false}'::jsonb || p_changes
    ))
$$;

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{}') as f),
    '(price_freshness,t,WITHIN)', 'the close of the as-of session, as the gate copied it'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price_session": "2020-01-03"}') as f),
    '(price_freshness,f,STALE_PRICE)', 'an older close refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price": null, "price_session": null}') as f),
    '(price_freshness,f,STALE_PRICE)', 'no close refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price": "NaN", "decided_price": "NaN"}') as f),
    '(price_freshness,f,STALE_PRICE)', 'NaN refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price": 0}') as f),
    '(price_freshness,f,STALE_PRICE)', 'zero refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"decided_session": null, "decided_price": null}') as f),
    '(price_freshness,f,STALE_PRICE)', 'a symbol the gate did not copy refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"decided_session": "2020-01-03"}') as f),
    '(price_freshness,f,STALE_PRICE)', 'what the cycle saw was old: refuses'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price": "100.01"}') as f),
    '(price_freshness,f,STALE_PRICE)', 'a close restated since the gate refuses at placing'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price": "100.01", "releasing": true}') as f),
    '(price_freshness,t,WITHIN)', 'at release the newest knowledge counts'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price_session": "2020-01-03", "releasing": true}') as f),
    '(price_freshness,f,STALE_PRICE)', 'at release an older close refuses, too'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price_session": "2020-01-03", "decided_session": null, "leg": "stop"}') as f),
    '(price_freshness,t,WITHIN)', 'a protective stop rests on whatever close is known (F18)'
);
select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price": null, "leg": "stop"}') as f),
    '(price_freshness,f,STALE_PRICE)', 'without any close not even that'
);

select is(
    (select (f.limit_name, f.passed, f.reason)::text from pg_temp.finding('{"price_session": "2020-01-03", "decided_session": null, "leg": "liquidation"}') as f),
    '(price_freshness,t,WITHIN)', 'a liquidation closes what has stopped trading, too (F18)'
);

select * from finish();
rollback;
