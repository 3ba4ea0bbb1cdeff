-- trade.tick_price(price, side): a stop price in whole ticks, rounded towards the market: up for a SELL, down for a BUY.
-- Why: a stop is tightened only (D14); rounding must not widen it. Ticks as in the rule PRICE_TICK.
-- Called by: trade.stops_due. Raises: nothing; NULL where the price is unknown or rounds to nothing.
create or replace function trade.tick_price(p_price numeric, p_side text)
returns numeric
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select nullif(case p_side when 'SELL' then ceil(p_price / v.tick) else floor(p_price / v.tick) end * v.tick, 0)
    from (
        select coalesce((select r.parameter::numeric from ref.broker_rules as r where r.rule = 'PRICE_TICK'), 0.01)
            / case when p_price >= 1 then 1 else 100 end as tick
    ) as v
    where p_price > 0 and p_price < 'Infinity' and p_side in ('BUY', 'SELL')
$$;
comment on function trade.tick_price(numeric, text) is 'A stop price rounded to the broker''s tick, never away from the market.';
