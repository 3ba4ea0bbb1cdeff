-- market.ingest_bars(batch): takes the landed rows of a batch in: judged, stored as bars or revisions, elected, or set aside.
-- Why: the one door for bars. A bar that differs from the newest stored one of its source, bit for bit, is a new revision; nothing
-- stored changes. adj_close is evidence only: a change of it alone is no revision (F9). recorded_at is taken after the row
-- 'market' of ops.locks, which a cycle holds for share while it fixes what it may see: nothing can become visible to a later
-- cycle with an earlier recorded_at.
-- A future session is one that closes after greatest(ops.now(), wall clock): on a simulated database history is loaded beyond the
-- simulated instant (known_at hides it until then), and a clock moved past the wall may be loaded up to where it stands.
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
    v_instrument ref.instruments;
    v_now timestamptz;
    v_recorded timestamptz;
begin
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;
    select b.* into v_batch from market.ingest_batches as b where b.batch_id = p_batch and b.state = 'OPEN';
    if not found then
        raise exception using errcode = 'MQ109', message = 'only an open batch can be taken in',
            detail = 'batch=' || coalesce(p_batch::text, ''), hint = 'python -m runner ingest opens a new batch';
    end if;
    select p.* into v_provider from ref.providers as p where p.provider = v_batch.provider;
    select i.* into v_instrument from ref.instruments as i where i.symbol = v_batch.symbol;
    v_now := ops.now();
    v_recorded := clock_timestamp();

    with judged as materialized (
        select j.* from market.judge_landing(
            p_batch, v_provider.price_kind, v_instrument.calendar, greatest(v_now, v_recorded)
        ) as j
    ),

    quarantined as (
        insert into market.quarantined_bars (batch_id, row_number, symbol, reason, received, recorded_at)
        select p_batch, j.row_number, v_batch.symbol, j.reason, to_jsonb(l) - 'batch_id' - 'row_number', v_recorded
        from judged as j
            join market.bar_landing as l on l.batch_id = p_batch and l.row_number = j.row_number
        where j.reason is not null
    ),

    fresh as materialized (
        select
            j.*, coalesce(n.revision + 1, 0) as revision,
            case when n.revision is null then j.closes_at + make_interval(mins => v_provider.delay_minutes)
                else greatest(v_now, j.closes_at + make_interval(mins => v_provider.delay_minutes)) end as known_at
        from judged as j
            left join lateral (
                select b.* from market.provider_bars as b
                where b.symbol = v_batch.symbol and b.session = j.session and b.provider = v_batch.provider
                order by b.revision desc limit 1
            ) as n on true
        where j.accepted
            and (n.revision is null or j.open is distinct from n.open or j.high is distinct from n.high
                or j.low is distinct from n.low or j.close is distinct from n.close or j.volume is distinct from n.volume)
    ),

    stored as (
        insert into market.provider_bars (
            provider, symbol, session, revision, open, high, low, close, volume, price_kind, price_basis, batch_id,
            known_at, recorded_at
        )
        select
            v_batch.provider, v_batch.symbol, f.session, f.revision, f.open, f.high, f.low, f.close, f.volume,
            v_provider.price_kind, v_provider.price_basis, p_batch, f.known_at, v_recorded
        from fresh as f
    )

    select
        count(*), count(*) filter (where j.repeated), count(*) filter (where j.reason is not null),
        (select count(*) from fresh as f where f.revision = 0), (select count(*) from fresh as f where f.revision > 0),
        count(*) filter (where j.accepted), min(j.session) filter (where j.accepted), max(j.session) filter (where j.accepted)
    into v_batch.rows_received, v_batch.rows_duplicate, v_batch.rows_quarantined, v_batch.rows_added, v_batch.rows_revised,
        v_batch.rows_unchanged, v_batch.first_session, v_batch.last_session
    from judged as j;

    v_batch.rows_superseded := market.elect_bars(p_batch);
    update market.ingest_batches as b
    set state = 'DONE', closed_at = v_recorded, rows_received = v_batch.rows_received, rows_duplicate = v_batch.rows_duplicate,
        rows_quarantined = v_batch.rows_quarantined, rows_added = v_batch.rows_added, rows_revised = v_batch.rows_revised,
        rows_unchanged = v_batch.rows_unchanged - v_batch.rows_added - v_batch.rows_revised,
        rows_superseded = v_batch.rows_superseded,
        first_session = v_batch.first_session, last_session = v_batch.last_session
    where b.batch_id = p_batch
    returning b.* into v_batch;
    delete from market.bar_landing as l where l.batch_id = p_batch;
    return v_batch;
end;
$$;
comment on function market.ingest_bars(bigint) is
'Judges, stores, elects and counts the landed rows of an open batch, and closes it; returns its row. Raises MQ109.';
