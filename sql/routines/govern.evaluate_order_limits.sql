-- govern.evaluate_order_limits(order): every check an order must pass, in the order in which a refusal is named.
-- Why: the list is literal, so that it can be read and a test can compare it with the folder; all are evaluated, so that a
-- refused order says everything that was wrong with it.
-- Called by: trade.place_orders, trade.claim_orders. Raises: nothing: a refusal is a finding.
create or replace function govern.evaluate_order_limits(p_order govern.order_contexts)
returns setof govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select f.limit_name, coalesce(f.passed, false), f.observed, f.threshold, f.reason
    from unnest(array[
        -- Can the inputs be read at all?
        govern.limit_price_freshness(p_order),
        govern.limit_nav_freshness(p_order),
        govern.limit_symbol_active(p_order),
        -- Would the broker take it?
        govern.limit_reduce_only(p_order),
        govern.limit_close_before_flip(p_order),
        govern.limit_earlier_leg(p_order),
        govern.limit_no_opposite_resting(p_order),
        govern.limit_order_type(p_order),
        govern.limit_fraction_day_only(p_order),
        govern.limit_no_fractional_short(p_order),
        govern.limit_shortable_only(p_order),
        govern.limit_min_notional(p_order),
        govern.limit_price_tick(p_order),
        -- The order by itself, the symbol, the basket, the day.
        govern.limit_order_value(p_order),
        govern.limit_price_collar(p_order),
        govern.limit_name_concentration(p_order),
        govern.limit_open_orders_per_symbol(p_order),
        govern.limit_repeated_execution_count(p_order),
        govern.limit_basket_value(p_order),
        govern.limit_turnover(p_order),
        govern.limit_daily_message_count(p_order),
        -- The book.
        govern.limit_sector(p_order),
        govern.limit_long(p_order),
        govern.limit_short(p_order),
        govern.limit_gross(p_order)
    ]) as f
$$;
comment on function govern.evaluate_order_limits(govern.order_contexts) is
'One row per check of an order, passed or not, in the order in which a refusal is named.';
