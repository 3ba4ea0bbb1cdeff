-- Proves: I17 (every check is in the list, and an order about which nothing is known passes none that needs to know).
begin;
select plan(4);

select bag_eq(
    $$select 'limit_' || lower(f.limit_name) as name from govern.evaluate_order_limits(null) as f$$,
    $$select p.proname::text from pg_proc as p where p.pronamespace = 'govern'::regnamespace and p.proargtypes[0] = 'govern.order_contexts'::regtype and p.proname like 'limit%'$$,
    'the list is complete: one finding per routine of the folder, named alike'
);
select is(count(*), 25::bigint, 'twenty-five checks') from govern.evaluate_order_limits(null);
select is(string_agg(f.limit_name, ',' order by f.n), 'PRICE_TICK,price_collar', 'of an unknown order only "no price given" passes')
from govern.evaluate_order_limits(jsonb_populate_record(null::govern.order_contexts, '{"rules": {"MIN_NOTIONAL": 1, "SHORTABLE_ONLY": null, "CLOSE_BEFORE_FLIP": null, "FRACTION_DAY_ONLY": null, "NO_FRACTIONAL_SHORT": null, "ORDER_TYPE": null, "PRICE_TICK": 0.01, "NO_OPPOSITE_RESTING": null}}'))
    with ordinality as f (limit_name, passed, observed, threshold, reason, n) where f.passed;
select is(f.limit_name, 'price_freshness', 'the first to refuse names the refusal') from govern.evaluate_order_limits(null) as f where not f.passed limit 1;

select * from finish();
rollback;
