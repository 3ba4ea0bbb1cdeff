-- market.ingest_fundamentals(batch, rows): takes received statements of periods in, an array of objects with the columns of
-- market.fundamentals from period_end on: judged, stored as revisions, or set aside with a reason. Closes the batch.
-- Why: the one door for what companies filed. A filing is known at its own instant, however late it arrives; what a source
-- says anew of a filing it had stated otherwise is known when it was received. recorded_at is taken once the market's lock is
-- held.
-- Called by: runner/facts.py as fund_ingestor. Raises: MQ109 when the batch is not open, MQ204 for a key no statement has.
create or replace function market.ingest_fundamentals(p_batch bigint, p_rows jsonb)
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
    perform ops.refuse_unknown_keys(p_rows, array[
        'period_end', 'period_months', 'form', 'accession', 'filed_at', 'eps_diluted', 'revenue', 'net_income',
        'operating_cash_flow', 'capital_expenditure', 'free_cash_flow', 'dividends_paid', 'dividends_per_share', 'book_value',
        'total_assets', 'total_liabilities', 'shares_outstanding', 'market_cap'
    ]);
    select f.received_at, greatest(f.received_at, f.recorded_at) into v_now, v_latest
    from market.fetches as f where f.fetch_id = v_batch.fetch_id;
    v_recorded := market.next_instant();
    with judged as materialized (
        select j.* from market.judge_fundamentals(v_batch, p_rows, v_latest) as j
    ),

    quarantined as (
        insert into market.quarantined_facts (batch_id, kind, row_number, symbol, reason, received, recorded_at)
        select p_batch, 'fundamentals', j.row_number, v_batch.symbol, j.reason, j.received, v_recorded
        from judged as j where j.reason is not null
    ),

    stored as (
        insert into market.fundamentals (
            provider, symbol, period_end, period_months, revision, form, accession, filed_at, eps_diluted, revenue, net_income,
            operating_cash_flow, capital_expenditure, free_cash_flow, dividends_paid, dividends_per_share, book_value,
            total_assets, total_liabilities, shares_outstanding, market_cap, batch_id, known_at, recorded_at
        )
        select
            v_batch.provider, v_batch.symbol, (j.fact).period_end, (j.fact).period_months, j.revision, (j.fact).form,
            (j.fact).accession, (j.fact).filed_at, (j.fact).eps_diluted, (j.fact).revenue, (j.fact).net_income,
            (j.fact).operating_cash_flow, (j.fact).capital_expenditure, (j.fact).free_cash_flow, (j.fact).dividends_paid,
            (j.fact).dividends_per_share, (j.fact).book_value, (j.fact).total_assets, (j.fact).total_liabilities,
            (j.fact).shares_outstanding, (j.fact).market_cap, p_batch,
            greatest((j.fact).filed_at, case when j.corrects then v_now end), v_recorded
        from judged as j where j.revision is not null
    )

    update market.ingest_batches as b
    set state = 'DONE', kind = 'fundamentals', closed_at = v_recorded, rows_received = c.received,
        rows_duplicate = c.duplicate, rows_quarantined = c.quarantined, rows_added = c.added, rows_revised = c.revised,
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
comment on function market.ingest_fundamentals(bigint, jsonb) is
'Judges, stores and counts received statements of periods, and closes the open batch; returns its row. Raises MQ109, MQ204.';
