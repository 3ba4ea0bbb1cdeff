-- market.adjusted_prices(known, recorded, symbols): the stored close of every session beside what corporate actions make of it:
-- for splits alone and in full, counted back from the last session as sources publish it, and forward from the first (F9).
-- Why: orders go by raw prices, indicators by the F9 series, people and other sources by a back-adjusted one; all three come from
-- the same bars and calc.price_factors, so none can drift from the others. factor is what the F9 series multiplies by; the
-- back-adjusted close of a session is close x factor / the last session's factor.
-- Called by: analysts. Raises: nothing.
create or replace function market.adjusted_prices(p_known timestamptz, p_recorded timestamptz, p_symbols text[])
returns table (
    symbol text, session date, provider text, close double precision, volume double precision,
    split_factor double precision, factor double precision,
    close_split_adjusted double precision, close_adjusted double precision, close_f9 double precision,
    volume_split_adjusted double precision
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with series as materialized (
        select
            b.symbol, array_agg(b.session order by b.session) as sessions, array_agg(b.provider order by b.session) as providers,
            array_agg(b.close order by b.session) as closes, array_agg(b.volume order by b.session) as volumes
        from market.prices_as_of(p_known, p_recorded, p_symbols) as b
        group by b.symbol
    ),

    newest as (
        select distinct on (a.symbol, a.ex_date, a.kind, a.provider) a.symbol, a.ex_date, a.kind, a.provider, a.factor
        from market.corporate_actions as a
        where a.symbol = any (p_symbols) and a.known_at <= p_known and a.recorded_at <= p_recorded
        order by a.symbol, a.ex_date, a.kind, a.provider, a.revision desc
    ),

    actions as (
        select
            n.symbol, array_agg(n.ex_date order by n.ex_date, n.kind desc, n.provider) as ex_dates,
            array_agg(n.provider order by n.ex_date, n.kind desc, n.provider) as providers,
            array_agg(n.factor order by n.ex_date, n.kind desc, n.provider) as factors,
            array_agg(case n.kind when 'split' then n.factor else 1 end order by n.ex_date, n.kind desc, n.provider) as splits
        from newest as n
        group by n.symbol
    ),

    factored as (
        select
            s.*,
            calc.price_factors(s.sessions[1], 1.0, s.sessions, s.providers, a.ex_dates, a.providers, a.splits) as splits,
            calc.price_factors(s.sessions[1], 1.0, s.sessions, s.providers, a.ex_dates, a.providers, a.factors) as factors
        from series as s
            left join actions as a on a.symbol = s.symbol
    ),

    -- The last factors as numbers: a row that carried the arrays to the sort would make this quadratic.
    unrolled as (
        select
            f.symbol, u.*, last_value(u.split) over until_last as last_split,
            last_value(u.factor) over until_last as last_factor
        from factored as f
            cross join lateral unnest(f.sessions, f.providers, f.closes, f.volumes, f.splits, f.factors)
                as u (session, provider, close, volume, split, factor)
        window until_last as (
            partition by f.symbol order by u.session rows between unbounded preceding and unbounded following
        )
    )

    select
        r.symbol, r.session, r.provider, r.close, r.volume, r.split, r.factor,
        r.close * r.split / r.last_split, r.close * r.factor / r.last_factor, r.close * r.factor,
        r.volume * r.last_split / r.split
    from unrolled as r
    order by 1, 2
$$;
comment on function market.adjusted_prices(timestamptz, timestamptz, text[]) is
'One row per symbol and session: the close as stored, for splits alone and in full counted back from the last session, and on '
'the F9 series, from what was known and recorded within the bounds.';
