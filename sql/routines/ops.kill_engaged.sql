-- ops.kill_engaged(hold): whether trading is stopped; with hold, a kill waits for this transaction or ends it.
-- What: any kill source engaged, or all of them clear and nobody has resumed since (I15).
-- Why: placing and releasing look here in the transaction that changes the state, holding the kill row for share (I12). The look
-- follows the lock as a statement of its own, so that it sees what a kill committed while it waited.
-- In any other isolation than READ COMMITTED it would not: the snapshot is older than the lock (measured: an order placed after a
-- kill had committed).
-- Called by: trade.place_orders, trade.claim_orders, govern.layer_01_kill_switch. Raises: MQ440.
create or replace function ops.kill_engaged(p_hold boolean)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_held boolean := true;
begin
    if p_hold is not false then
        if current_setting('transaction_isolation') <> 'read committed' then
            raise exception using errcode = 'MQ440', message = 'the kill switch is asked outside READ COMMITTED',
                detail = 'isolation=' || current_setting('transaction_isolation'),
                hint = 'set transaction isolation level read committed';
        end if;
        perform 1 from ops.locks as l where l.lock_name = 'kill' for share;
        v_held := found;
    end if;
    -- Without the row to hold, nothing excludes a kill: fail closed.
    return not v_held or exists (select 1 from ops.kill_sources) or ops.resume_pending() is not false;
end;
$$;
comment on function ops.kill_engaged(boolean) is
'True while any kill source is engaged or nobody has resumed since; p_hold takes the kill row for share first, so that a kill '
'cannot pass unseen. Raises MQ440.';
