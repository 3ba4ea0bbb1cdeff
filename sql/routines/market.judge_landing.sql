-- market.judge_landing(batch, provider, symbol, latest): what becomes of each landed row.
-- Why: one place says what a bar is. A row is set aside for the first defect that applies; rows of one session that pass by
-- themselves but differ from one another are all set aside (DUPLICATE_CONFLICT), as nothing says which is right; of equal ones
-- the first is accepted. revision is the number an accepted row is to be stored under, NULL where it equals, bit for bit, the
-- newest stored bar of its source. latest: a session that closes after it lies in the future.
-- Called by: market.ingest_bars. Raises: nothing. No joins on landed rows but by index: their number is never known to the
-- planner.
create or replace function market.judge_landing(p_batch bigint, p_provider text, p_symbol text, p_latest timestamptz)
returns table (
    row_number integer, session date, open double precision, high double precision, low double precision,
    close double precision, adj_close double precision, volume double precision,
    closes_at timestamptz, reason text, received jsonb, accepted boolean, revision integer
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    -- NaN sorts above Infinity, and greatest and least pass over NULL.
    with judged as materialized (
        select
            l.*,
            case
                when l.closes_at > p_latest or l.session > (p_latest at time zone 'UTC')::date then 'FUTURE_SESSION'
                when l.closes_at is null then 'NON_SESSION'
                when l.close is null or l.is_ohlcv and (l.open is null or l.high is null or l.low is null)
                    then 'NULL_PRICE'
                when greatest(l.open, l.high, l.low, l.close, l.volume) >= 'Infinity'
                    or least(l.open, l.high, l.low, l.close, l.volume) = '-Infinity' then 'NON_FINITE'
                when least(l.open, l.high, l.low, l.close) <= 0 then 'NON_POSITIVE'
                when l.volume < 0 then 'NEGATIVE_VOLUME'
                when l.high < l.low then 'HIGH_BELOW_LOW'
                when greatest(l.open, l.close) > l.high or least(l.open, l.close) < l.low then 'OUTSIDE_RANGE'
            end as defect
        from market.landed_bars(p_batch, p_provider, p_symbol) as l
    ),

    compared as (
        select
            j.*, row_number() over same_session as nth,
            (j.open, j.high, j.low, j.close, j.volume)
            is distinct from first_value((j.open, j.high, j.low, j.close, j.volume)) over same_session as differs
        from judged as j
        window same_session as (partition by j.session, j.defect is null order by j.row_number)
    ),

    final as (
        select
            c.*,
            coalesce(
                c.defect,
                case when bool_or(c.differs) over (partition by c.session, c.defect is null) then 'DUPLICATE_CONFLICT' end
            ) as reason
        from compared as c
    )

    select
        f.row_number, f.session, f.open, f.high, f.low, f.close, f.adj_close, f.volume, f.closes_at, f.reason,
        case when f.reason is not null
            then jsonb_build_object(
                'session', f.session, 'open', f.open, 'high', f.high, 'low', f.low, 'close', f.close,
                'adj_close', f.adj_close, 'volume', f.volume
            ) end,
        f.reason is null and f.nth = 1,
        case when n.revision is null then 0
            when f.open is distinct from n.open or f.high is distinct from n.high or f.low is distinct from n.low
                or f.close is distinct from n.close or f.volume is distinct from n.volume then n.revision + 1 end
    from final as f
        left join lateral (
            select b.*
            from market.provider_bars as b
            where b.symbol = p_symbol and b.session = f.session and b.provider = p_provider
            order by b.revision desc
            limit 1
        ) as n on true
$$;
comment on function market.judge_landing(bigint, text, text, timestamptz) is
'One row per landed row of a batch: reason to be set aside or NULL, whether it is accepted, and the revision it is to be stored '
'as.';
