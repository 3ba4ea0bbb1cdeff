-- market.store_landing(batch, provider, now, latest, recorded): stores, elects, quarantines and counts the judged rows of a
-- batch.
-- Why: what differs from the newest stored bar of its source is a new revision; nothing stored changes. adj_close is evidence
-- only:
-- a change of it alone is no revision (F9). One statement stores and counts, so that landed rows are judged once, and hands the
-- bars to market.elect_bars as they would stand in market.price_history, so that nothing is read back.
-- Called by: market.ingest_bars, which holds the lock. Raises: nothing.
create or replace function market.store_landing(
    p_batch market.ingest_batches, p_provider ref.providers, p_now timestamptz, p_latest timestamptz,
    p_recorded timestamptz
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
    v_rows record;
    v_superseded integer;
begin
    with judged as materialized (
        select
            j.*, j.accepted and j.revision is not null as is_fresh,
            case j.revision when 0 then j.closes_at + v_delay else greatest(p_now, j.closes_at + v_delay) end as known_at
        from market.judge_landing(p_batch.batch_id, p_batch.provider, p_batch.symbol, p_latest) as j
    ),

    quarantined as (
        insert into market.quarantined_bars (batch_id, row_number, symbol, reason, received, recorded_at)
        select p_batch.batch_id, j.row_number, p_batch.symbol, j.reason, j.received, p_recorded
        from judged as j where j.reason is not null
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
    )

    select
        count(*) as received, count(j.session) - count(distinct j.session) as duplicate, count(j.reason) as quarantined,
        array(
            select r.session from judged as r where r.session is not null group by r.session having count(*) > 1 order by 1
        ) as duplicate_sessions,
        count(*) filter (where j.accepted) as accepted, count(*) filter (where j.is_fresh and j.revision = 0) as added,
        count(*) filter (where j.is_fresh and j.revision > 0) as revised,
        min(j.session) filter (where j.accepted) as first_session, max(j.session) filter (where j.accepted) as last_session,
        array_agg(
            row(  -- in the columns' order
                p_batch.symbol, j.session, j.open, j.high, j.low, j.close, j.adj_close, j.volume, p_batch.provider, j.revision,
                p_provider.price_kind, p_provider.price_basis, j.known_at, p_recorded
            )::market.price_history
        ) filter (where j.is_fresh) as bars
    into v_rows
    from judged as j;
    v_superseded := market.elect_bars(v_rows.bars, p_provider.priority);
    update market.ingest_batches as b
    set state = 'DONE', closed_at = p_recorded, rows_received = v_rows.received, rows_duplicate = v_rows.duplicate,
        duplicate_sessions = v_rows.duplicate_sessions,
        rows_quarantined = v_rows.quarantined, rows_added = v_rows.added, rows_revised = v_rows.revised,
        rows_unchanged = v_rows.accepted - v_rows.added - v_rows.revised, rows_superseded = v_superseded,
        first_session = v_rows.first_session, last_session = v_rows.last_session
    where b.batch_id = p_batch.batch_id
    returning b.* into v_batch;
    return v_batch;
end;
$$;
comment on function market.store_landing(market.ingest_batches, ref.providers, timestamptz, timestamptz, timestamptz) is
'Stores, elects, quarantines and counts the judged rows of a batch, and closes it; returns its row.';
