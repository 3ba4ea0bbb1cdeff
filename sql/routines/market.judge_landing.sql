-- market.judge_landing(batch, price kind, calendar, latest): what becomes of each landed row.
-- Why: one place says what a bar is. A row is set aside for the first defect that applies; rows of one session that pass by
-- themselves but differ from one another are all set aside (DUPLICATE_CONFLICT), as nothing says which is right; of equal ones the
-- first is accepted. repeated counts towards ruling F3 whatever the row's values are.
-- latest: a session that closes after it is in the future. Called by: market.ingest_bars. Raises: nothing.
create or replace function market.judge_landing(p_batch bigint, p_price_kind text, p_calendar text, p_latest timestamptz)
returns table (
    row_number integer, session date, open double precision, high double precision, low double precision,
    close double precision, adj_close double precision, volume double precision,
    closes_at timestamptz, reason text, repeated boolean, accepted boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with landed as (
        select
            l.row_number, l.session, l.close, l.volume, l.adj_close, s.closes_at,
            case when p_price_kind = 'ohlcv' then l.open end as open,
            case when p_price_kind = 'ohlcv' then l.high end as high,
            case when p_price_kind = 'ohlcv' then l.low end as low
        from market.bar_landing as l
            left join ref.sessions as s on s.calendar = p_calendar and s.session = l.session
        where l.batch_id = p_batch
    ),

    -- NaN sorts above Infinity, and greatest and least pass over NULL.
    judged as (
        select
            l.*,
            case
                when l.closes_at > p_latest or l.session > (p_latest at time zone 'UTC')::date then 'FUTURE_SESSION'
                when l.closes_at is null then 'NON_SESSION'
                when l.close is null or p_price_kind = 'ohlcv' and (l.open is null or l.high is null or l.low is null)
                    then 'NULL_PRICE'
                when greatest(l.open, l.high, l.low, l.close, l.volume) >= 'Infinity'
                    or least(l.open, l.high, l.low, l.close, l.volume) = '-Infinity' then 'NON_FINITE'
                when least(l.open, l.high, l.low, l.close) <= 0 then 'NON_POSITIVE'
                when l.volume < 0 then 'NEGATIVE_VOLUME'
                when l.high < l.low then 'HIGH_BELOW_LOW'
                when l.close > l.high or l.close < l.low or l.open > l.high or l.open < l.low then 'OUTSIDE_RANGE'
            end as defect
        from landed as l
    ),

    compared as (
        select
            j.*,
            j.session is not null and row_number() over (partition by j.session order by j.row_number) > 1 as repeated,
            row_number() over same_session as nth,
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
        f.row_number, f.session, f.open, f.high, f.low, f.close, f.adj_close, f.volume, f.closes_at,
        f.reason, f.repeated, f.reason is null and f.nth = 1
    from final as f
$$;
comment on function market.judge_landing(bigint, text, text, timestamptz) is
'One row per landed row of a batch: its reason to be set aside or NULL, whether its session occurred before, whether it is accepted.';
