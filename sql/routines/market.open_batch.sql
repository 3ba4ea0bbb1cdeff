-- market.open_batch(fetch): opens the batch that the rows in an asking's answers land in.
-- Why: rows in market.bar_landing mean nothing without the source, instrument and answers they belong to. An asking has one
-- batch: what was taken in cannot be taken in again.
-- Called by: runner/ingest.py, runner/router.py and runner/archive.py as fund_ingestor, then COPY, then market.ingest_bars.
-- Raises: MQ108 for an asking that is unknown, failed, of no instrument or without an answer; MQ522 where it has a batch; MQ525
-- out of order.
create or replace function market.open_batch(p_fetch bigint)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_batch bigint;
    v_other bigint;
begin
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;
    if exists (select 1 from market.ingest_batches as b where b.fetch_id = p_fetch) then
        raise exception using errcode = 'MQ522', message = 'the answers to this asking were taken in before',
            detail = 'fetch=' || p_fetch,
            hint = 'python -m runner ingest --from-archive  compares what is stored with the archive';
    end if;
    -- A revision's number and the election follow the order of taking in: what a disaster took comes back before what is new.
    select o.fetch_id into v_other
    from market.fetches as f
        join market.fetches as o on o.symbol = f.symbol and o.provider = f.provider and o.outcome = 'OK'
        left join market.ingest_batches as b on b.fetch_id = o.fetch_id
    where f.fetch_id = p_fetch
        and (o.fetch_id < p_fetch and b.batch_id is null or o.fetch_id > p_fetch and b.batch_id is not null)
    limit 1;
    if v_other is not null then
        raise exception using errcode = 'MQ525', message = 'the answers of a source about a symbol are taken in in their order',
            detail = format('fetch=%s other=%s', p_fetch, v_other),
            hint = 'python -m runner ingest --from-archive  builds what is lost, into tables without later rows';
    end if;
    insert into market.ingest_batches (provider, payload_id, symbol, fetch_id, opened_at)
    select f.provider, r.payload_id, f.symbol, f.fetch_id, clock_timestamp()
    from market.fetches as f
        join market.fetch_responses as r on r.fetch_id = f.fetch_id
    where f.fetch_id = p_fetch and f.symbol is not null and f.outcome is distinct from 'FAILED'
    order by r.part desc
    limit 1
    returning batch_id into v_batch;
    if v_batch is null then
        raise exception using errcode = 'MQ108', message = 'a batch needs an asking for an instrument, with an archived answer',
            detail = 'fetch=' || coalesce(p_fetch::text, ''), hint = 'python -m runner ingest asks anew';
    end if;
    return v_batch;
end;
$$;
comment on function market.open_batch(bigint) is
'Opens the one batch of an asking''s answers; returns its number. Raises MQ108, MQ522, MQ525.';
