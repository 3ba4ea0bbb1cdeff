-- market.ingest_news(batch, rows): takes received headlines in, an array of {story, published_at, source, headline, symbols}:
-- judged, stored as stories or their corrections, or set aside with a reason. Closes the batch.
-- Why: the one door for what was written. A headline is known at its public instant, however late it arrives; a corrected one
-- when it was received. recorded_at is taken once the market's lock is held.
-- Called by: runner/facts.py as fund_ingestor. Raises: MQ109 when the batch is not open, MQ204 for a key no headline has.
create or replace function market.ingest_news(p_batch bigint, p_rows jsonb)
returns market.ingest_batches
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_batch market.ingest_batches;
    v_now timestamptz;
    v_latest timestamptz;
    v_recorded timestamptz;
begin
    v_batch := market.hold_batch(p_batch);
    perform ops.refuse_unknown_keys(p_rows, array['story', 'published_at', 'source', 'headline', 'symbols']);
    select f.received_at, greatest(f.received_at, f.recorded_at) into v_now, v_latest
    from market.fetches as f where f.fetch_id = v_batch.fetch_id;
    v_recorded := market.next_instant();
    with judged as materialized (
        select j.* from market.judge_news(v_batch, p_rows, v_latest) as j
    ),

    quarantined as (
        insert into market.quarantined_facts (batch_id, kind, row_number, symbol, reason, received, recorded_at)
        select p_batch, 'news', j.row_number, v_batch.symbol, j.reason, j.received, v_recorded
        from judged as j where j.reason is not null
    ),

    stored as (
        insert into market.news (
            provider, symbol, story, revision, published_at, source, headline, headline_sha256, symbols, batch_id, known_at,
            recorded_at
        )
        select
            v_batch.provider, v_batch.symbol, j.story, j.revision, j.published_at, j.source, j.headline,
            sha256(convert_to(j.headline, 'UTF8')), j.symbols, p_batch,
            greatest(j.published_at, case when j.revision > 0 then v_now end), v_recorded
        from judged as j where j.revision is not null
    )

    update market.ingest_batches as b
    set state = 'DONE', kind = 'news', closed_at = v_recorded, rows_received = c.received, rows_duplicate = c.duplicate,
        rows_quarantined = c.quarantined, rows_added = c.added, rows_revised = c.revised,
        rows_unchanged = c.accepted - c.added - c.revised
    from (
        select
            count(*) as received, count(*) filter (where j.is_duplicate) as duplicate, count(j.reason) as quarantined,
            count(*) filter (where j.accepted) as accepted, count(*) filter (where j.revision = 0) as added,
            count(*) filter (where j.revision > 0) as revised
        from judged as j
    ) as c
    where b.batch_id = p_batch
    returning b.* into v_batch;
    return v_batch;
end;
$$;
comment on function market.ingest_news(bigint, jsonb) is
'Judges, stores and counts received headlines, and closes the open batch; returns its row. Raises MQ109, MQ204.';
