-- trade.may_make_way(account, worker, symbol): whether a stop may be cancelled so that a later leg of its symbol follows.
-- What: only where some such leg could leave now: the account's gate is open, the worker's host has no kill file, no open break
-- quarantines the symbol, and a state in force lets a live leg of it through.
-- Why: else the stop goes for an order that stays, and the position stands without either for as long (B8, I14).
-- Called by: trade.claim_requests. Raises: MQ240.
create or replace function trade.may_make_way(p_account text, p_worker text, p_symbol text)
returns boolean
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select trade.release_gate(p_account) is null
        and not exists (
            select 1 from ops.kill_sources as k where k.source = 'file' and k.host = split_part(p_worker, ':', 1)
        )
        and not exists (
            select 1 from trade.open_breaks as b
            where b.account = p_account and b.symbol = p_symbol and b.effect = 'QUARANTINE'
        )
        and exists (
            select 1 from trade.live_orders as l
            where l.account = p_account and l.symbol = p_symbol and l.leg <> 'stop'
                and govern.state_refusal(p_account, l.leg, ops.kill_engaged(false) is distinct from false) is null
        )
$$;
comment on function trade.may_make_way(text, text, text) is
'True where an order that waits for the symbol''s stop to end could leave now. Raises MQ240.';
