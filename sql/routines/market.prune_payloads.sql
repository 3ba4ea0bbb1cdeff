-- market.prune_payloads(older_than): removes the bytes of answers stored before an instant that nothing stored leads back to;
-- returns how many answers and how many bytes.
-- Why: an archive grows by what it is told again. What a bar, an action, a filing, a headline or a row set aside came from
-- stays for ever (I24), and of every answer its hash, length and askings. An asking that changed nothing is not needed to
-- build the bars again.
-- Called by: a person, as fund_operator. Raises: nothing.
create or replace function market.prune_payloads(p_older_than timestamptz)
returns table (payloads bigint, bytes bigint)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_unneeded bigint[];
    v_from timestamptz;
    v_to timestamptz;
begin
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;
    -- Looked for first and changed by number: an update's own search would decompress every old chunk (TimescaleDB).
    select array_agg(r.payload_id), min(r.recorded_at), max(r.recorded_at) into v_unneeded, v_from, v_to
    from market.provider_responses as r
    where r.recorded_at < p_older_than and r.pruned_at is null
        and not exists (
            select 1
            from market.fetch_responses as a
                join market.ingest_batches as b on b.fetch_id = a.fetch_id
            where a.payload_id = r.payload_id
                and (
                    b.state = 'OPEN' or b.rows_added + b.rows_revised + b.rows_quarantined > 0
                    or exists (
                        select 1 from market.corporate_actions as c where c.symbol = b.symbol and c.batch_id = b.batch_id
                    )
                )
        )
        -- An asking without a batch whose outcome is OK: its bars were lost, and it is what they are built from again.
        and not exists (
            select 1
            from market.fetch_responses as a
                join market.fetches as f on f.fetch_id = a.fetch_id
                left join market.ingest_batches as b on b.fetch_id = f.fetch_id
            where a.payload_id = r.payload_id and f.outcome is distinct from 'FAILED' and b.batch_id is null
        );
    return query
    with pruned as (
        update market.provider_responses as r
        set payload = null, pruned_at = clock_timestamp()
        where r.payload_id = any (v_unneeded) and r.recorded_at between v_from and v_to
        returning r.payload_bytes
    )

    select count(*), coalesce(sum(p.payload_bytes), 0)::bigint from pruned as p;
end;
$$;
comment on function market.prune_payloads(timestamptz) is
'Removes the bytes of answers stored before an instant that nothing stored leads back to; returns answers and bytes.';
