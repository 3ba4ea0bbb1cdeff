-- market.store_landing(batch, provider, now, recorded): stores, elects, quarantines and counts the judged rows of a batch.
-- Why: what differs from the newest stored bar of its source is a new revision; nothing stored changes. adj_close is evidence only:
-- a change of it alone is no revision (F9). One bar per session is elected into market.price_history, by the source's priority and
-- its newest revision, and only of the instrument's own price basis and kind: a history of two bases is no series; every other bar
-- stays in market.provider_bars as a second opinion. One statement, so that landed rows are judged once.
-- Called by: market.ingest_bars, which holds the lock. Raises: nothing.
create or replace function market.store_landing(
    p_batch market.ingest_batches, p_provider ref.providers, p_now timestamptz, p_recorded timestamptz
)
returns market.ingest_batches
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_batch market.ingest_batches;
    v_delay constant interval := make_interval(mins => p_provider.delay_minutes);
    v_elects constant boolean := exists (
        select 1 from ref.instruments as i
        where i.symbol = p_batch.symbol and i.price_basis = p_provider.price_basis and i.price_kind = p_provider.price_kind
    );
begin
    with judged as materialized (
        select
            j.*, j.accepted and j.revision is not null as is_fresh,
            case j.revision when 0 then j.closes_at + v_delay else greatest(p_now, j.closes_at + v_delay) end as known_at
        from market.judge_landing(p_batch.batch_id, p_batch.provider, p_batch.symbol, greatest(p_now, p_recorded)) as j
    ),

    quarantined as (
        insert into market.quarantined_bars (batch_id, row_number, symbol, reason, received, recorded_at)
        select p_batch.batch_id, j.row_number, p_batch.symbol, j.reason, j.received, p_recorded from judged as j where j.reason is not null
    ),

    stored as (
        insert into market.provider_bars (
            provider, symbol, session, revision, open, high, low, close, volume, price_kind, price_basis, batch_id,
            known_at, recorded_at
        )
        select
            p_batch.provider, p_batch.symbol, j.session, j.revision, j.open, j.high, j.low, j.close, j.volume,
            p_provider.price_kind, p_provider.price_basis, p_batch.batch_id, j.known_at, p_recorded
        from judged as j where j.is_fresh
    ),

    superseded as (
        select count(*) as bars
        from market.price_history as h
        where v_elects and h.symbol = p_batch.symbol
            and h.provider in (select p.provider from ref.providers as p where p.priority > p_provider.priority)
            and h.session in (select j.session from judged as j where j.is_fresh)
    ),

    elected as (
        insert into market.price_history as h (
            symbol, session, open, high, low, close, adj_close, volume, provider, revision, price_kind, price_basis,
            known_at, recorded_at
        )
        select
            p_batch.symbol, j.session, j.open, j.high, j.low, j.close,
            case when j.adj_close > 0 and j.adj_close < 'Infinity' then j.adj_close end, j.volume, p_batch.provider, j.revision,
            p_provider.price_kind, p_provider.price_basis, j.known_at, p_recorded
        from judged as j where j.is_fresh and v_elects
        on conflict (symbol, session) do update set
            open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
            adj_close = excluded.adj_close, volume = excluded.volume, provider = excluded.provider,
            revision = excluded.revision, known_at = excluded.known_at, recorded_at = excluded.recorded_at
        where (select p.priority from ref.providers as p where p.provider = h.provider) >= p_provider.priority
    )

    update market.ingest_batches as b
    set state = 'DONE', closed_at = p_recorded, rows_received = c.received, rows_duplicate = c.duplicate,
        rows_quarantined = c.quarantined, rows_added = c.added, rows_revised = c.revised,
        rows_unchanged = c.accepted - c.added - c.revised, rows_superseded = s.bars,
        first_session = c.first_session, last_session = c.last_session
    from superseded as s, (
            select
                count(*) as received, count(j.session) - count(distinct j.session) as duplicate, count(j.reason) as quarantined,
                count(*) filter (where j.accepted) as accepted, count(*) filter (where j.is_fresh and j.revision = 0) as added,
                count(*) filter (where j.is_fresh and j.revision > 0) as revised,
                min(j.session) filter (where j.accepted) as first_session,
                max(j.session) filter (where j.accepted) as last_session
            from judged as j
        ) as c
    where b.batch_id = p_batch.batch_id
    returning b.* into v_batch;
    return v_batch;
end;
$$;
comment on function market.store_landing(market.ingest_batches, ref.providers, timestamptz, timestamptz) is
'Stores, elects, quarantines and counts the judged rows of a batch in one statement, and closes it; returns its row.';
