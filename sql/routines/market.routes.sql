-- market.routes(symbols, firsts): the sources each request can be asked of, in order, and whether their history reaches its
-- window.
-- Why: by capability, not by name: of each asset class the rows of ref.provider_capabilities by priority (ruling F8).
-- Called by: runner/router.py as fund_ingestor. Raises: nothing; a request without a row can be asked of nobody.
create or replace function market.routes(p_symbols text[], p_firsts date[])
returns table (request integer, asset_class text, provider text, history_days_max integer, reaches boolean)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        g.request::integer - 1, i.asset_class, c.provider, c.history_days_max,
        g.first_session >= (ops.now() at time zone 'UTC')::date - c.history_days_max
    from unnest(p_symbols, p_firsts) with ordinality as g (symbol, first_session, request)
        join ref.instruments as i on i.symbol = g.symbol
        join ref.provider_capabilities as c on c.asset_class = i.asset_class
    order by g.request, c.priority
$$;
comment on function market.routes(text[], date[]) is
'One row per request (from 0) and source it can be asked of, in order of asking, and whether its history reaches that far back.';
