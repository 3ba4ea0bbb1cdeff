-- trade.release_gate(account): NULL when orders of the account may leave, else why none may.
-- What: for a broker outside: HALTED (an open break), NO_SNAPSHOT, SNAPSHOT_STALE, the last reading's verdict where it was not clean,
-- ADOPTION_PENDING. The paper exchange keeps its book in this database: there is nothing outside to be reconciled with.
-- A reading from the future is one of before the wall clock was set back: its age is not known, so it is stale.
-- Why: placing and releasing ask one routine, so that an account that is not reconciled is closed at both doors (I8).
-- Called by: trade.claim_orders, trade.record_not_found, govern.layer_02_data_governance. Raises: MQ240.
create or replace function trade.release_gate(p_account text)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_account trade.accounts := trade.require_account(p_account);
    v_snapshot trade.broker_snapshots;
begin
    if exists (select 1 from trade.open_breaks as b where b.account = p_account and b.effect = 'HALT') then
        return 'HALTED';
    elsif (select not b.external from ref.brokers as b where b.broker = v_account.broker) then
        return null;
    end if;
    select s.* into v_snapshot
    from trade.broker_snapshots as s
    where s.account = p_account
    order by s.snapshot_id desc
    limit 1;
    return case
        when v_snapshot.snapshot_id is null then 'NO_SNAPSHOT'
        when (
            v_snapshot.taken_at between ops.now() - make_interval(secs => govern.effective_limit('snapshot_max_age_seconds'))
            and ops.now()
        ) is not true then 'SNAPSHOT_STALE'
        when not exists (select 1 from trade.adoptions as a where a.account = p_account) then 'ADOPTION_PENDING'
        when not v_snapshot.clean then v_snapshot.verdict
    end;
end;
$$;
comment on function trade.release_gate(text) is 'NULL when orders of an account may leave, else why none may. Raises MQ240.';
