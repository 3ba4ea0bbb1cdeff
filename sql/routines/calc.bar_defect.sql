-- calc.bar_defect(open, high, low, close, volume, is_ohlcv): what disqualifies a bar; NULL where nothing does.
-- What: the first of NULL_PRICE, NON_FINITE, NON_POSITIVE, ABSURD_PRICE, HIGH_BELOW_LOW, OUTSIDE_RANGE, NEGATIVE_VOLUME,
--      NON_FINITE_VOLUME and ABSURD_VOLUME that applies: the prices' first, because those alone veto (F1) and a bad volume beside
--      them must not hide it. Of a close-only bar open, high and low are NULL. A volume may be missing. NaN sorts above Infinity,
--      and greatest and least pass over NULL. No search_path of its own: a planner inlines it, and a call for every landed row is
--      a tenth of an ingest.
-- Why: in double precision two prices of 1e300 and 1e-300 have no ratio, and the query that asks for it ends for every symbol. A
--      price from 1e-12 to below 1e12, a volume up to 1e18, is orders of magnitude beyond any there was, adjusted ones included
--      (the least coin is quoted in 1e-8 USD; a fund's history of reverse splits, adjusted back, in 1e9), and is safe to compute.
-- Called by: market.judge_landing, market.store_landing, dbt quality.unresolved_rows. Raises: nothing.
create or replace function calc.bar_defect(
    p_open double precision, p_high double precision, p_low double precision, p_close double precision,
    p_volume double precision, p_is_ohlcv boolean
)
returns text
language sql
immutable
parallel safe
security invoker
return case
    when p_close is null or p_is_ohlcv and (p_open is null or p_high is null or p_low is null) then 'NULL_PRICE'
    when greatest(p_open, p_high, p_low, p_close) >= 'Infinity'
        or least(p_open, p_high, p_low, p_close) = '-Infinity' then 'NON_FINITE'
    when least(p_open, p_high, p_low, p_close) <= 0 then 'NON_POSITIVE'
    when least(p_open, p_high, p_low, p_close) < double precision '1e-12'
        or greatest(p_open, p_high, p_low, p_close) >= double precision '1e12' then 'ABSURD_PRICE'
    when p_high < p_low then 'HIGH_BELOW_LOW'
    when greatest(p_open, p_close) > p_high or least(p_open, p_close) < p_low then 'OUTSIDE_RANGE'
    when p_volume < 0 then 'NEGATIVE_VOLUME'
    when p_volume >= 'Infinity' then 'NON_FINITE_VOLUME'
    when p_volume > double precision '1e18' then 'ABSURD_VOLUME'
end;
comment on function calc.bar_defect(
    double precision, double precision, double precision, double precision, double precision, boolean
) is
'The first reason why the prices (listing currency) and volume (shares) of a bar are none, or NULL.';
