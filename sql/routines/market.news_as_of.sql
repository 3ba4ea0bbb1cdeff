-- market.news_as_of(known, recorded, symbols): what had been written by one instant, from what was recorded by another, each
-- story in its newest words; symbols null: all of them.
-- Why: a headline a minute past the as-of does not exist at it, nor does its correction.
-- Called by: replays, analysts' questions. Raises: nothing; a bound that is NULL shows nothing.
create or replace function market.news_as_of(p_known timestamptz, p_recorded timestamptz, p_symbols text[] default null)
returns setof market.news
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select distinct on (n.symbol, n.provider, n.story) n.*
    from market.news as n
    where n.known_at <= p_known and n.recorded_at <= p_recorded and (p_symbols is null or n.symbol = any (p_symbols))
    order by n.symbol, n.provider, n.story, n.known_at desc, n.revision desc
$$;
comment on function market.news_as_of(timestamptz, timestamptz, text[]) is
'One row per symbol, source and story: its newest words that were known and recorded within the bounds.';
