-- market.answer_is_known(batch, first, last): whether the source gave the very same answers about the symbol and window before,
-- and they were taken in.
-- Why: what was judged as a whole and found good is good: a universe that is asked for again and has not changed costs half. Each
-- row is judged again all the same.
-- Called by: runner/router.py as fund_ingestor, before market.answer_fault. Raises: nothing.
create or replace function market.answer_is_known(p_batch bigint, p_first date, p_last date)
returns boolean
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with asked as materialized (
        select
            f.*,
            (
                select array_agg(r.payload_id || ' ' || r.status order by r.part)
                from market.fetch_responses as r where r.fetch_id = f.fetch_id
            ) as answers
        from market.fetches as f
        where f.fetch_id = (select b.fetch_id from market.ingest_batches as b where b.batch_id = p_batch)
    )

    select exists (
        select 1
        from asked as a
            join market.fetches as o
                on o.symbol = a.symbol and o.fetch_id < a.fetch_id and o.provider = a.provider and o.outcome = 'OK'
                and o.first_session = p_first and o.last_session = p_last
        where a.answers = (
            select array_agg(r.payload_id || ' ' || r.status order by r.part)
            from market.fetch_responses as r where r.fetch_id = o.fetch_id
        )
    )
$$;
comment on function market.answer_is_known(bigint, date, date) is
'Whether the answers to a batch''s asking are, byte for byte, those of an earlier asking for the window that was taken in.';
