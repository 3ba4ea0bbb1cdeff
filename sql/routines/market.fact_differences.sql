-- market.fact_differences(fetch, rows): where what is stored of an asking for filings or headlines is not what its archived
-- answers say: rows read from them again.
-- Why: as market.bar_differences: each row is judged again as of the asking and looked for among what was stored by then.
-- Called by: runner/archive.py as fund_ingestor. Raises: nothing.
create or replace function market.fact_differences(p_fetch bigint, p_rows jsonb)
returns table (subject text, difference text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
    c_ours constant text[] := '{provider,symbol,revision,batch_id,known_at,recorded_at,headline_sha256}';
    v_batch market.ingest_batches;
    v_latest timestamptz;
begin
    select b.* into v_batch from market.ingest_batches as b where b.fetch_id = p_fetch;
    select greatest(f.received_at, f.recorded_at) into v_latest from market.fetches as f where f.fetch_id = p_fetch;
    return query
    with judged as materialized (
        select j.row_number, j.reason, j.accepted, to_jsonb(j.fact) - c_ours as said
        from market.judge_fundamentals(v_batch, p_rows, v_latest) as j
        where v_batch.kind = 'fundamentals'
        union all
        select
            j.row_number, j.reason, j.accepted,
            jsonb_build_object(
                'story', j.story, 'published_at', j.published_at, 'source', j.source, 'headline', j.headline, 'symbols', j.symbols
            )
        from market.judge_news(v_batch, p_rows, v_latest) as j
        where v_batch.kind = 'news'
    ),

    stored as materialized (
        select to_jsonb(f) - c_ours as said
        from market.fundamentals as f
        where f.symbol = v_batch.symbol and f.provider = v_batch.provider and f.batch_id <= v_batch.batch_id
        union all
        select to_jsonb(n) - c_ours
        from market.news as n
        where n.symbol = v_batch.symbol and n.provider = v_batch.provider and n.batch_id <= v_batch.batch_id
    ),

    counts as (
        select 'rows' as subject, format('%s received, %s set aside', count(*), count(j.reason)) as difference
        from judged as j
        having (count(*), count(j.reason)) is distinct from (v_batch.rows_received::bigint, (
            select count(*) from market.quarantined_facts as q where q.batch_id = v_batch.batch_id
        ))
    )

    select 'row ' || j.row_number, v_batch.kind
    from judged as j
    where j.accepted and j.said not in (select s.said from stored as s)
    union all
    select * from counts;
end;
$$;
comment on function market.fact_differences(bigint, jsonb) is
'One row per statement, headline or count of an asking that is not what its archived answers say.';
