-- market.hold_batch(batch): the row of an open batch, with the row 'market' of ops.locks held for update until the transaction
-- ends.
-- Why: a cycle holds that row for share while it fixes what it may see. What a batch brings is stamped with its recorded_at under
-- the lock, so nothing can become visible to a later cycle with an earlier recorded_at.
-- Called by: market.ingest_bars, market.ingest_actions. Raises: MQ109 when the batch is not open.
create or replace function market.hold_batch(p_batch bigint)
returns market.ingest_batches
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_batch market.ingest_batches;
begin
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;
    select b.* into v_batch from market.ingest_batches as b where b.batch_id = p_batch and b.state = 'OPEN';
    if not found then
        raise exception using errcode = 'MQ109', message = 'only an open batch can be taken in',
            detail = 'batch=' || coalesce(p_batch::text, ''), hint = 'python -m runner ingest opens a new batch';
    end if;
    return v_batch;
end;
$$;
comment on function market.hold_batch(bigint) is
'Takes the lock of the market''s facts and returns the row of an open batch. Raises MQ109.';
