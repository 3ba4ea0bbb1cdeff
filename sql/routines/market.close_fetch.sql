-- market.close_fetch(fetch, fault, reason, next_provider): ends an asking: OK without a fault, else FAILED, and who is asked
-- next.
-- Why: a failover is a row with its reason (ruling F8), in the transaction that decides it.
-- Called by: runner/ingest.py and runner/router.py as fund_ingestor. Raises: MQ521 where the asking is not open.
create or replace function market.close_fetch(p_fetch bigint, p_fault text, p_reason text, p_next_provider text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update market.fetches as f
    set outcome = case when p_fault is null then 'OK' else 'FAILED' end, fault = p_fault, reason = p_reason,
        next_provider = p_next_provider
    where f.fetch_id = p_fetch and f.outcome is null;
    if not found then
        raise exception using errcode = 'MQ521', message = 'only an open asking can be ended',
            detail = 'fetch=' || coalesce(p_fetch::text, ''), hint = 'python -m runner ingest asks anew';
    end if;
end;
$$;
comment on function market.close_fetch(bigint, text, text, text) is
'Ends an open asking as OK, or as FAILED with fault, reason and the source asked next. Raises MQ521.';
