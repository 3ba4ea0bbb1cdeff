-- market.headlines_without_opinion(scorer, version, limit): words of stored headlines that a version of a scorer has not judged.
-- Why: the scorer may be installed after the headlines came; what it has not seen is found here, the same words once.
-- Called by: runner/facts.py as fund_ingestor. Raises: nothing.
create or replace function market.headlines_without_opinion(p_scorer text, p_version text, p_limit integer)
returns table (headline_sha256 text, headline text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select encode(n.headline_sha256, 'hex'), min(n.headline)
    from market.news as n
    where not exists (
        select 1 from market.headline_opinions as o
        where o.headline_sha256 = n.headline_sha256 and o.scorer = p_scorer and o.scorer_version = p_version
    )
    group by n.headline_sha256
    order by n.headline_sha256
    limit p_limit
$$;
comment on function market.headlines_without_opinion(text, text, integer) is
'One row per headline a version of a scorer has no stored opinion on: its SHA-256 in hex and its words.';
