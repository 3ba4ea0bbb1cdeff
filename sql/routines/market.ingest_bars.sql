-- market.ingest_bars(batch): takes the landed rows of a batch in: judged, stored as bars or revisions, elected, or set aside.
-- Why: the one door for bars. recorded_at is taken once the market's lock is held (market.hold_batch).
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
    v_batch market.ingest_batches;
    v_provider ref.providers;
    v_fetch market.fetches;
begin
    v_batch := market.hold_batch(p_batch);
    select p.* into v_provider from ref.providers as p where p.provider = v_batch.provider;
    select f.* into v_fetch from market.fetches as f where f.fetch_id = v_batch.fetch_id;
    v_batch := market.store_landing(
        v_batch, v_provider, v_fetch.received_at, greatest(v_fetch.received_at, v_fetch.recorded_at), clock_timestamp()
    );
    delete from market.bar_landing as l where l.batch_id = p_batch;
    return v_batch;
end;
$$;
comment on function market.ingest_bars(bigint) is
'Judges, stores, elects and counts the landed rows of an open batch, and closes it; returns its row. Raises MQ109.';
