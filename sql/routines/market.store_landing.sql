-- market.store_landing(batch, provider, now, latest, recorded): stores and elects the sound rows that landed in a batch; returns
-- the batch's row with its counts, not yet stored.
-- Why: what differs from the newest stored bar of its source is a new revision; nothing stored changes. adj_close is evidence
-- only, and none where no price can be it: a change of it alone is no revision (F9). Elected, by the source's priority and its
-- newest revision, is one bar per session, and only of the instrument's own price basis and kind: a history of two bases is no
-- series. Every other bar stays in market.provider_bars as a second opinion. One statement does it all, so that landed rows are
-- judged once and nothing is read back; under the lock a session without an elected bar gets none from elsewhere, so its insert
-- need not look for one again: an insert that does costs half as much again.
-- Called by: market.ingest_bars, which holds the lock. Raises: nothing.
create or replace function market.store_landing(
    p_batch market.ingest_batches, p_provider ref.providers, p_now timestamptz, p_latest timestamptz, p_recorded timestamptz
)
returns market.ingest_batches
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
as $$
declare
    v_batch market.ingest_batches := p_batch;
    v_delay constant interval := make_interval(mins => p_provider.delay_minutes);
    v_is_series constant boolean := exists (
        select from ref.instruments as i
        where i.symbol = p_batch.symbol and (i.price_basis, i.price_kind) = (p_provider.price_basis, p_provider.price_kind));
begin
    with judged as materialized (
        select
            j.*, j.accepted and j.revision is not null as is_fresh, j.nth > 1 as is_repeated,
            case when calc.bar_defect(null, null, null, j.adj_close, null, false) is null then j.adj_close end as evidence,
            case j.revision when 0 then j.closes_at + v_delay else greatest(p_now, j.closes_at + v_delay) end as known_at
        from market.judge_landing(p_batch.batch_id, p_batch.provider, p_batch.symbol, p_latest) as j
    ),

    fresh as (select j.* from judged as j where j.is_fresh),

    stored as (
        insert into market.provider_bars (
            provider, symbol, session, revision, open, high, low, close, volume,
            price_kind, price_basis, batch_id, known_at, recorded_at
        )
        select
            p_batch.provider, p_batch.symbol, f.session, f.revision, f.open, f.high, f.low, f.close, f.volume,
            p_provider.price_kind, p_provider.price_basis, p_batch.batch_id, f.known_at, p_recorded
        from fresh as f
    ),

    span as materialized (select min(f.session) as first_session, max(f.session) as last_session from fresh as f),

    standing as materialized (
        select h.session, p.priority
        from market.price_history as h join ref.providers as p on p.provider = h.provider
        where h.symbol = p_batch.symbol and h.session >= (select s.first_session from span as s)
            and h.session <= (select s.last_session from span as s)
    ),

    -- Not materialized: each reader looks for rows of its own, and nearly always one of them finds all.
    candidates as not materialized (
        select
            s.priority as standing_priority,
            row(  -- in the columns' order
                p_batch.symbol, f.session, f.open, f.high, f.low, f.close, f.evidence, f.volume, p_batch.provider, f.revision,
                p_provider.price_kind, p_provider.price_basis, f.known_at, p_recorded
            )::market.price_history as bar
        from fresh as f left join standing as s on s.session = f.session
        where v_is_series
    ),

    elected as (
        insert into market.price_history select (c.bar).* from candidates as c where c.standing_priority is null
    ),

    -- No update: of a compressed chunk it would unpack every row its plan cannot exclude, from the sixth batch on all there are.
    replaced as (
        insert into market.price_history select (c.bar).* from candidates as c where c.standing_priority >= p_provider.priority
        on conflict (symbol, session) do update set
            open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume,
            adj_close = excluded.adj_close, provider = excluded.provider, revision = excluded.revision,
            known_at = excluded.known_at, recorded_at = excluded.recorded_at
    )

    select
        count(*), count(j.reason), count(*) filter (where j.is_fresh and j.revision = 0),
        count(*) filter (where j.is_fresh and j.revision > 0), count(*) filter (where j.accepted and not j.is_fresh),
        min(j.session) filter (where j.accepted), max(j.session) filter (where j.accepted), count(*) filter (where j.is_repeated),
        array(select distinct r.session from judged as r where r.is_repeated order by r.session),
        (select count(*) from candidates as c where c.standing_priority > p_provider.priority)
    into
        v_batch.rows_received, v_batch.rows_quarantined, v_batch.rows_added, v_batch.rows_revised, v_batch.rows_unchanged,
        v_batch.first_session, v_batch.last_session, v_batch.rows_duplicate, v_batch.duplicate_sessions, v_batch.rows_superseded
    from judged as j;
    return v_batch;
end;
$$;
comment on function market.store_landing(market.ingest_batches, ref.providers, timestamptz, timestamptz, timestamptz) is
'Stores and elects the sound landed rows of a batch; returns its row with the counts it is to be closed with.';
