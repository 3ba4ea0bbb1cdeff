-- decide.apply_protocol(cycle, run): what the recovery protocol does beside a run that has just ended.
-- What: a DONE run that began a ramp re-bases the tactical mark to its session's index (A7); one that layer 8 halted for CVaR
-- breaches engages the kill source `cvar` (B6). A shadow run does neither.
-- Why: in the run's own transaction, so that no crash leaves a ramp without its mark or a count without its kill. The kill takes
-- its row behind the run's, and ends whoever is in its way, as any kill does (I13).
-- Called by: decide.close_run, before its audit append. Raises: MQ220.
create or replace function decide.apply_protocol(p_cycle_id text, p_run integer)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run decide.cycle_runs;
    v_breaches integer;
begin
    select r.* into v_run
    from decide.cycle_runs as r
        join decide.cycles as c on c.cycle_id = r.cycle_id and c.mode <> 'shadow'
    where r.cycle_id = p_cycle_id and r.run = p_run;
    if v_run.state = 'DONE' then
        insert into trade.mark_rebases (account, session, nav_index, cycle_id, run)
        select s.account, s.as_of_session, n.nav_index, s.cycle_id, s.run
        from decide.risk_states as s
            join trade.nav as n on n.account = s.account and n.session = s.as_of_session
        where s.cycle_id = p_cycle_id and s.run = p_run and s.rebased
        on conflict (account, session) do nothing;
    elsif v_run.state = 'HALTED' then
        select s.cvar_breaches into v_breaches
        from decide.risk_states as s
            join decide.gate_verdicts as g on g.cycle_id = s.cycle_id and g.run = s.run
        where s.cycle_id = p_cycle_id and s.run = p_run
            and g.layer = 8 and g.verdict = 'REFUSE' and g.reason_code = 'CVAR_PERSISTENCE';
        if found then
            perform ops.engage_kill_switch(
                format('account %s: CVaR above its hard limit for %s sessions in a row', v_run.account, v_breaches), 'cvar'
            );
        end if;
    end if;
end;
$$;
comment on function decide.apply_protocol(text, integer) is
'Re-bases the tactical mark where a DONE run began a ramp; engages the kill cvar where layer 8 halted the run. Raises MQ220.';
