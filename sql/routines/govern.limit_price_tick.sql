-- govern.limit_price_tick(order): limit and stop prices are whole ticks: cents, below one USD hundredths of a cent.
-- Why: a broker refuses a sub-penny price; a stop refused for its fourth digit protects nothing.
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_price_tick(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'PRICE_TICK', v.passed, v.price, v.tick, case when v.passed then 'WITHIN' else 'SUB_PENNY' end
    )::govern.limit_findings
    from (
        select
            p.price, p.tick,
            (not (p_order).rules ? 'PRICE_TICK' or p.price is null or mod(p.price, p.tick) = 0) is true as passed
        from (
            select x.price, ((p_order).rules ->> 'PRICE_TICK')::numeric / case when x.price >= 1 then 1 else 100 end as tick
            from unnest(array[(p_order).limit_price, (p_order).stop_price]) as x (price)
        ) as p
    ) as v
    order by v.passed, v.price
    limit 1
$$;
comment on function govern.limit_price_tick(govern.order_contexts) is
'Broker rule: prices from 1 USD on in ticks of the parameter, below in hundredths of it.';
