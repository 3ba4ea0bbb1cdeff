-- trade.engage_loss_kill(account): engages the kill source `loss` where the newest mark shows the loss that kills (B7, I14); true
-- where it was not engaged before.
-- What: once per account until `loss` is cleared: a second account's loss beside the first is an event of its own (its alert, its
-- cooldown), the same one at the next mark is not.
-- Why: whoever marks sees it first. A loss that cannot be known, or a limit nobody pinned, is layer 1's to refuse.
-- Called by: trade.mark_nav, last before its audit append. Raises: MQ220.
create or replace function trade.engage_loss_kill(p_account text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_loss constant double precision := trade.capital_loss(p_account);
    v_limit constant double precision := govern.effective_limit('kill_loss');
    c_account constant text := format('account %s lost ', p_account);
begin
    if (v_loss >= v_limit) is not true or exists (
        select 1 from ops.engagements('loss', '') as e where starts_with(e.reason, c_account)
    ) then
        return false;
    end if;
    return ops.engage_kill_switch(
        c_account || format('%s %% of its contributed capital, the limit is %s %%',
            round((100 * v_loss)::numeric, 2), round((100 * v_limit)::numeric, 2)),
        'loss'
    );
end;
$$;
comment on function trade.engage_loss_kill(text) is
'Engages the kill source loss where the newest mark shows the loss that kills; true where it was not engaged. Raises MQ220.';
