-- calc.bar_defect(open, high, low, close, volume, is_ohlcv): what disqualifies a bar; NULL where nothing does.
-- What: the first of NULL_PRICE, NON_FINITE, NON_POSITIVE, HIGH_BELOW_LOW, OUTSIDE_RANGE, NEGATIVE_VOLUME and NON_FINITE_VOLUME
--      that applies: the prices' first, because those alone veto (F1) and a bad volume beside them must not hide it. Of a
--      close-only bar open, high and low are NULL. A volume may be missing. NaN sorts above Infinity, and greatest and least pass
--      over NULL. No search_path of its own: a planner inlines it, and a call for every landed row is a tenth of an ingest.
-- Called by: market.judge_landing. Raises: nothing.
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
    when p_high < p_low then 'HIGH_BELOW_LOW'
    when greatest(p_open, p_close) > p_high or least(p_open, p_close) < p_low then 'OUTSIDE_RANGE'
    when p_volume < 0 then 'NEGATIVE_VOLUME'
    when p_volume >= 'Infinity' then 'NON_FINITE_VOLUME'
end;
comment on function calc.bar_defect(
    double precision, double precision, double precision, double precision, double precision, boolean
) is
'The first reason why the prices (listing currency) and volume (shares) of a bar are none, or NULL.';
