-- market.fundamentals_as_of(known, recorded, symbols): what companies had said of each period by one instant, from what was
-- recorded by another; symbols null: all of them.
-- Why: a filing a day past the as-of does not exist at it. As filed: what a later filing leaves out is NULL in its row. Of two
-- filings of one instant the order of their numbers decides, not which came first here.
-- Called by: replays, analysts' questions. Raises: nothing; a bound that is NULL shows nothing.
create or replace function market.fundamentals_as_of(p_known timestamptz, p_recorded timestamptz, p_symbols text[] default null)
returns setof market.fundamentals
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select distinct on (f.symbol, f.period_end, f.period_months, f.provider) f.*
    from market.fundamentals as f
    where f.known_at <= p_known and f.recorded_at <= p_recorded and (p_symbols is null or f.symbol = any (p_symbols))
    order by
        f.symbol, f.period_end, f.period_months, f.provider, f.known_at desc, f.filed_at desc,
        f.accession collate "C" desc nulls last, f.form collate "C" desc, f.revision desc
$$;
comment on function market.fundamentals_as_of(timestamptz, timestamptz, text[]) is
'One row per symbol, period and source: the newest statement of it that was known and recorded within the bounds.';
