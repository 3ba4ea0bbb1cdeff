-- market.refuse_batch(batch, reason, kind): closes a batch whose payload could not be read at all, and removes what landed of it.
-- kind: what it was to bring.
-- Why: a refusal is a row, not an exception: the payload stays archived and the reason stands beside it.
-- Called by: runner/ingest.py and runner/router.py as fund_ingestor. Raises: MQ109 when the batch is not open.
create or replace function market.refuse_batch(p_batch bigint, p_reason text, p_kind text default 'bars')
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update market.ingest_batches as b
    set state = 'REFUSED', kind = p_kind, reason = p_reason, closed_at = clock_timestamp(),
        rows_received = (select count(*) from market.bar_landing as l where l.batch_id = p_batch)
    where b.batch_id = p_batch and b.state = 'OPEN' and p_reason <> '';
    if not found then
        raise exception using errcode = 'MQ109', message = 'only an open batch can be refused, and with a reason',
            detail = 'batch=' || coalesce(p_batch::text, ''), hint = 'python -m runner ingest opens a new batch';
    end if;
    delete from market.bar_landing as l where l.batch_id = p_batch;
end;
$$;
comment on function market.refuse_batch(bigint, text, text) is
'Closes an open batch as REFUSED with its reason and clears what landed. Raises MQ109.';
