-- trade.release_gate(account): NULL when orders of the account may leave, else why none may.
-- Why: placing and releasing ask one routine, so that an account that is not reconciled is closed at both doors (I8).
-- Called by: trade.claim_orders, trade.record_not_found. Raises: MQ240.
create or replace function trade.release_gate(p_account text)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform trade.require_account(p_account);
    -- The paper exchange keeps its book in this database: there is nothing outside to be reconciled with.
    return (select 'NOT_RECONCILED' from trade.accounts as a where a.account = p_account and a.broker <> 'paper');
end;
$$;
comment on function trade.release_gate(text) is 'NULL when orders of an account may leave, else why none may. Raises MQ240.';
