-- govern.state_refusal(account, leg, killed): NULL where every state in force lets an order of the leg through, else why not.
-- What: KILL_SWITCH, STATE_<state>, or <demand>_MISSING where a state lets it through with something that is not there. The
-- states: KILL, else the account's risk state, for the most severe names it; and beside it HALT while a break of that effect is
-- open.
-- Why: what a state lets through is govern.state_permissions, read at placing and at release alike (ruling B5).
-- APPROVAL is govern.liquidation_approved.
-- Called by: trade.place_intent, trade.claim_orders, trade.record_not_found, trade.protect_positions, trade.request_replace,
-- which hold the kill row (I12); trade.cancel_entries, trade.send_refusal.
-- Raises: nothing; a leg without a class or a state without a row refuses (I17).
create or replace function govern.state_refusal(p_account text, p_leg text, p_killed boolean)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with in_force (state, rank) as (
        select 'KILL', 1 where p_killed is distinct from false
        union all
        select 'HALT', 2
        where exists (select 1 from trade.open_breaks as b where b.account = p_account and b.effect = 'HALT')
        union all
        select govern.account_state(p_account), 3 where p_killed is false
    )

    select case
        when p.allowed is not true then case f.state when 'KILL' then 'KILL_SWITCH' else 'STATE_' || f.state end
        else p.demands || '_MISSING'
    end
    from in_force as f
        left join govern.order_classes as c on c.leg = p_leg
        left join govern.state_permissions as p on p.state = f.state and p.order_class = c.order_class
    where (p.allowed and (p.demands is null or p.demands = 'APPROVAL' and govern.liquidation_approved(p_account))) is not true
    order by f.rank
    limit 1
$$;
comment on function govern.state_refusal(text, text, boolean) is
'NULL where every state in force lets an order of the leg through, else the name of the refusal (B5).';
