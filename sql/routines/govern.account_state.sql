-- govern.account_state(account): the account's risk state in force: of its newest run that is DONE, or that is placing just now.
-- Why: the run that places has recorded its state in the same transaction; a halted or shadow run moves nothing (I19).
-- Called by: govern.state_refusal. Raises: nothing.
create or replace function govern.account_state(p_account text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    -- Freeze, recovery and liquidation outlive a run and are recorded beside it once they are built (issue 5): this is the one
    -- place that has to read them. An account without any run has no state yet, which is ALLOW.
    select coalesce((
        select s.state
        from decide.risk_states as s
            join decide.cycle_runs as r on r.cycle_id = s.cycle_id and r.run = s.run
            join decide.cycles as c on c.cycle_id = s.cycle_id
        where s.account = p_account and r.state in ('DONE', 'OPEN') and c.mode <> 'shadow'
        order by s.as_of_session desc, s.recorded_at desc
        limit 1
    ), 'ALLOW')
$$;
comment on function govern.account_state(text) is
'The risk state of an account that placing and release look at; ALLOW before its first run.';
