-- market.landed_bars(batch, provider, symbol): the landed rows of a batch as bars of their source, each beside its session's
-- close.
-- Why: a close-only source has no open, high or low, whatever its payload carries; closes_at is NULL for a date that is no
-- session of the instrument's calendar.
-- Called by: market.judge_landing. Raises: nothing.
create or replace function market.landed_bars(p_batch bigint, p_provider text, p_symbol text)
returns table (
    row_number integer, session date, open double precision, high double precision, low double precision,
    close double precision, adj_close double precision, volume double precision, closes_at timestamptz, is_ohlcv boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with received as materialized (
        select
            l.*, s.closes_at,
            (select p.price_kind = 'ohlcv' from ref.providers as p where p.provider = p_provider) as is_ohlcv
        from market.bar_landing as l
            left join ref.sessions as s
                on s.calendar = (select i.calendar from ref.instruments as i where i.symbol = p_symbol)
                and s.session = l.session
        where l.batch_id = p_batch
    )

    select
        r.row_number, r.session,
        case when r.is_ohlcv then r.open end, case when r.is_ohlcv then r.high end, case when r.is_ohlcv then r.low end,
        r.close, r.adj_close, r.volume, r.closes_at, r.is_ohlcv
    from received as r
$$;
comment on function market.landed_bars(bigint, text, text) is
'One row per landed row of a batch: the prices its source''s kind has, and when its session closes (NULL: no session).';
