-- market.fundamentals_as_of(known, recorded, symbols): what companies had said of each period by one instant, from what was
-- recorded by another; symbols null: all of them.
-- Why: a filing a day past the as-of does not exist at it. A later filing leaves standing what it does not mention (Apple's
-- 10-Qs repeat a year's income without its earnings a share), so each number is the newest stated; the row's filing is the
-- newest. A number a share is on the share basis of the filing that stated it. Of two filings of one instant their numbers
-- decide, not which came first here.
-- Called by: replays, analysts' questions. Raises: nothing; a bound that is NULL shows nothing.
create or replace function market.fundamentals_as_of(p_known timestamptz, p_recorded timestamptz, p_symbols text[] default null)
returns setof market.fundamentals
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with numbered as (
        select
            f.*,
            row_number() over (
                partition by f.symbol, f.period_end, f.period_months, f.provider
                order by
                    f.known_at desc, f.filed_at desc, f.accession collate "C" desc nulls last, f.form collate "C" desc,
                    f.revision desc
            ) as place
        from market.fundamentals as f
        where f.known_at <= p_known and f.recorded_at <= p_recorded and (p_symbols is null or f.symbol = any (p_symbols))
    )

    select
        n.provider, n.symbol, n.period_end, n.period_months, (array_agg(n.revision order by n.place))[1],
        (array_agg(n.form order by n.place))[1], (array_agg(n.accession order by n.place))[1],
        (array_agg(n.filed_at order by n.place))[1],
        (array_agg(n.eps_diluted order by n.place) filter (where n.eps_diluted is not null))[1],
        (array_agg(n.revenue order by n.place) filter (where n.revenue is not null))[1],
        (array_agg(n.net_income order by n.place) filter (where n.net_income is not null))[1],
        (array_agg(n.operating_cash_flow order by n.place) filter (where n.operating_cash_flow is not null))[1],
        (array_agg(n.capital_expenditure order by n.place) filter (where n.capital_expenditure is not null))[1],
        (array_agg(n.free_cash_flow order by n.place) filter (where n.free_cash_flow is not null))[1],
        (array_agg(n.dividends_paid order by n.place) filter (where n.dividends_paid is not null))[1],
        (array_agg(n.dividends_per_share order by n.place) filter (where n.dividends_per_share is not null))[1],
        (array_agg(n.book_value order by n.place) filter (where n.book_value is not null))[1],
        (array_agg(n.total_assets order by n.place) filter (where n.total_assets is not null))[1],
        (array_agg(n.total_liabilities order by n.place) filter (where n.total_liabilities is not null))[1],
        (array_agg(n.shares_outstanding order by n.place) filter (where n.shares_outstanding is not null))[1],
        (array_agg(n.market_cap order by n.place) filter (where n.market_cap is not null))[1],
        (array_agg(n.batch_id order by n.place))[1], (array_agg(n.known_at order by n.place))[1],
        (array_agg(n.recorded_at order by n.place))[1]
    from numbered as n
    group by n.symbol, n.period_end, n.period_months, n.provider
    order by n.symbol, n.period_end, n.period_months, n.provider
$$;
comment on function market.fundamentals_as_of(timestamptz, timestamptz, text[]) is
'One row per symbol, period and source: of each number the newest statement that was known and recorded within the bounds.';
