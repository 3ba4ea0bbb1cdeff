-- market.settle_item(backfill, symbol, fetch, reason, worker, lease_seconds): an item of a backfill is DONE by an asking,
-- FAILED for a reason, or, with neither, only the worker's lease is renewed. The last item DONE ends the backfill.
-- Why: in the transaction of the item's bars, so neither can be there without the other. A worker that lost its lease to
-- another is refused, and its bars with it: nothing is stored twice.
-- Called by: runner/backfill.py as fund_ingestor. Raises: MQ524 where the worker does not hold the backfill, or the item is
-- DONE.
create or replace function market.settle_item(
    p_backfill_id bigint, p_symbol text, p_fetch bigint, p_reason text, p_worker text, p_lease_seconds integer
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_held boolean;
    v_settled integer;
begin
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;
    update market.backfills as b
    set leased_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where b.backfill_id = p_backfill_id and b.state = 'OPEN' and b.worker = p_worker;
    v_held := found;
    update market.backfill_items as i
    set state = case when p_fetch is null then 'FAILED' else 'DONE' end, fetch_id = p_fetch,
        reason = case when p_fetch is null then p_reason end, finished_at = clock_timestamp()
    where i.backfill_id = p_backfill_id and i.symbol = p_symbol and i.state <> 'DONE' and v_held;
    get diagnostics v_settled = row_count;
    if not v_held or p_symbol is not null and v_settled = 0 then
        raise exception using errcode = 'MQ524', message = 'another process has taken this backfill over, or the item is done',
            detail = format('backfill=%s symbol=%s', p_backfill_id, p_symbol), hint = 'let the other process finish';
    end if;
    update market.backfills as b
    set state = 'DONE', closed_at = clock_timestamp()
    where b.backfill_id = p_backfill_id
        and not exists (select 1 from market.backfill_items as i where i.backfill_id = p_backfill_id and i.state <> 'DONE');
end;
$$;
comment on function market.settle_item(bigint, text, bigint, text, text, integer) is
'Settles an item of a backfill and renews the worker''s lease; ends the backfill with its last item. Raises MQ524.';
