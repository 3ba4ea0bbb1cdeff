-- govern.account_state(account): the account's state in force: LIQUIDATE while a liquidation is approved (B5), else the risk
-- state of its newest run that is DONE, or that is placing just now.
-- Why: the run that places has recorded its state in the same transaction; a halted or shadow run moves nothing (I19). A freeze
-- outlives its run: the row stands until another run has moved it by govern.risk_transitions.
-- Called by: govern.state_refusal. Raises: nothing.
create or replace function govern.account_state(p_account text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    -- An account without any run has no state yet, which is ALLOW.
    select case when govern.liquidation_approved(p_account) then 'LIQUIDATE' else coalesce((
        select s.state
        from decide.risk_states as s
            join decide.cycle_runs as r on r.cycle_id = s.cycle_id and r.run = s.run
            join decide.cycles as c on c.cycle_id = s.cycle_id
        where s.account = p_account and r.state in ('DONE', 'OPEN') and c.mode <> 'shadow'
        order by s.as_of_session desc, s.recorded_at desc
        limit 1
    ), 'ALLOW') end
$$;
comment on function govern.account_state(text) is
'The state of an account that placing and release look at: LIQUIDATE while approved, else its newest risk state; ALLOW before '
'its first run.';
