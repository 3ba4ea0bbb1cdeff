-- market.judge_landing(batch, provider, symbol, latest): what becomes of each landed row.
-- Why: one place says what a bar is. A row is set aside for the first defect that applies; rows of one session that pass by
-- themselves but differ from one another are all set aside (DUPLICATE_CONFLICT), as nothing says which is right; of equal ones
-- the first is accepted. A close-only source has no open, high or low, whatever its payload carries. revision is the number an
-- accepted row is to be stored under, NULL where it equals, bit for bit, the newest stored bar of its source. latest: a session
-- that closes after it lies in the future. No nested loops: the planner never knows how many rows have landed.
-- Called by: market.store_landing, market.answer_fault, market.bar_differences. Raises: nothing.
create or replace function market.judge_landing(p_batch bigint, p_provider text, p_symbol text, p_latest timestamptz)
returns table (
    row_number integer, session date, open double precision, high double precision, low double precision,
    close double precision, adj_close double precision, volume double precision,
    closes_at timestamptz, reason text, accepted boolean, revision integer, nth bigint
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
    with span as materialized (
        select min(l.session) as first_session, max(l.session) as last_session
        from market.bar_landing as l where l.batch_id = p_batch
    ),

    bars as (
        select
            l.ctid as place, l.row_number, l.session, l.close, l.adj_close, l.volume, s.closes_at,
            p.price_kind = 'ohlcv' as is_ohlcv, case when p.price_kind = 'ohlcv' then l.open end as open,
            case when p.price_kind = 'ohlcv' then l.high end as high, case when p.price_kind = 'ohlcv' then l.low end as low
        from market.bar_landing as l
            left join ref.providers as p on p.provider = p_provider
            left join ref.sessions as s
                on s.session = l.session
                and s.calendar = (select i.calendar from ref.instruments as i where i.symbol = p_symbol)
                and s.session between (select d.first_session from span as d) and (select d.last_session from span as d)
        where l.batch_id = p_batch
        offset 0  -- a fence: without it every use of a price below would ask for the source's kind again
    ),

    judged as materialized (
        select
            b.*,
            case
                when b.closes_at > p_latest or b.session > (select (p_latest at time zone 'UTC')::date) then 'FUTURE_SESSION'
                when b.closes_at is null then 'NON_SESSION'
                else calc.bar_defect(b.open, b.high, b.low, b.close, b.volume, b.is_ohlcv)
            end as defect
        from bars as b
    ),

    repeated as materialized (select j.session from judged as j group by j.session having count(*) > 1),

    -- Of these alone: windows over every row were a third of the work, and a session that comes twice is rare. None is NULL.
    twins as materialized (
        select
            j.place, j.session, j.open, j.high, j.low, j.close, j.volume, j.defect,
            row_number() over (partition by j.session order by j.defect is not null, j.row_number) as nth
        from judged as j
        where j.session in (select r.session from repeated as r)
    ),

    conflicts as (
        select t.session
        from twins as t
        where t.defect is null
        group by t.session
        having count(distinct (t.open, t.high, t.low, t.close, t.volume)) > 1
    ),

    final as (
        select
            j.*, coalesce(t.nth, 1) as nth,
            coalesce(j.defect, case when j.session in (select c.session from conflicts as c) then 'DUPLICATE_CONFLICT' end)
            as reason
        from judged as j
            left join twins as t on t.place = j.place
    ),

    newest as (
        select distinct on (b.session) b.*
        from market.provider_bars as b
        where b.symbol = p_symbol and b.provider = p_provider
            and b.session between (select d.first_session from span as d) and (select d.last_session from span as d)
        order by b.session, b.revision desc
    )

    select
        f.row_number, f.session, f.open, f.high, f.low, f.close, f.adj_close, f.volume, f.closes_at, f.reason,
        f.reason is null and f.nth = 1,
        case when n.revision is null then 0
            when f.open is distinct from n.open or f.high is distinct from n.high or f.low is distinct from n.low
                or f.close is distinct from n.close or f.volume is distinct from n.volume then n.revision + 1 end,
        f.nth
    from final as f left join newest as n on n.session = f.session
$$;
comment on function market.judge_landing(bigint, text, text, timestamptz) is
'A row per landed row: reason to be set aside or NULL, accepted or not, revision, and place in its session (1 without one).';
