-- market.ingest_bars(batch): takes the landed rows of a batch in: judged, stored as bars or revisions, elected, or set aside.
-- Why: the one door for bars. recorded_at is taken once the market's lock is held (market.hold_batch, market.next_instant).
-- Everything else is as of the asking, so that its answers give the same rows whenever they are taken in. A future session closes
-- after greatest(received_at, its wall clock): on a simulated database history is loaded ahead of the simulated instant (known_at
-- hides it until then), and a clock moved past the wall may be loaded up to where it stands.
-- Called by: runner/ingest.py as fund_ingestor. Raises: MQ109 when the batch is not open.
create or replace function market.ingest_bars(p_batch bigint)
returns market.ingest_batches
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_batch market.ingest_batches := market.hold_batch(p_batch);
    v_recorded constant timestamptz := market.next_instant();
    v_provider ref.providers;
    v_fetch market.fetches;
    v_latest timestamptz;
begin
    select p.* into v_provider from ref.providers as p where p.provider = v_batch.provider;
    select f.* into v_fetch from market.fetches as f where f.fetch_id = v_batch.fetch_id;
    v_latest := greatest(v_fetch.received_at, v_fetch.recorded_at);
    v_batch := market.store_landing(v_batch, v_provider, v_fetch.received_at, v_latest, v_recorded);
    -- Judged again only where some row is to be set aside: as a part of what stores them it would slow every clean batch.
    insert into market.quarantined_bars (batch_id, row_number, symbol, reason, received, recorded_at)
    select
        p_batch, j.row_number, v_batch.symbol, j.reason,
        jsonb_build_object(
            'session', j.session, 'open', j.open, 'high', j.high, 'low', j.low, 'close', j.close, 'adj_close', j.adj_close,
            'volume', j.volume
        ),
        v_recorded
    from market.judge_landing(p_batch, v_batch.provider, v_batch.symbol, v_latest) as j
    where v_batch.rows_quarantined > 0 and j.reason is not null
    order by j.row_number;
    delete from market.bar_landing as l where l.batch_id = p_batch;
    update market.ingest_batches as b
    set state = 'DONE', closed_at = v_recorded, rows_received = v_batch.rows_received, rows_added = v_batch.rows_added,
        rows_revised = v_batch.rows_revised, rows_unchanged = v_batch.rows_unchanged, rows_duplicate = v_batch.rows_duplicate,
        duplicate_sessions = v_batch.duplicate_sessions, rows_quarantined = v_batch.rows_quarantined,
        rows_superseded = v_batch.rows_superseded, first_session = v_batch.first_session, last_session = v_batch.last_session
    where b.batch_id = p_batch
    returning b.* into v_batch;
    return v_batch;
end;
$$;
comment on function market.ingest_bars(bigint) is
'Judges, stores, elects and counts the landed rows of an open batch, and closes it; returns its row. Raises MQ109.';
