-- decide.protocol_step(run, volatility, VaR, CVaR): the step of the recovery protocol a run makes on these figures, from rows
-- alone: the state it goes on from, the marks, the limits in force.
-- What: the drawdown from the tactical mark of its session (A6; NULL where it is not marked), the session its phase counts from,
-- and the step. What was stored after the run began to look is not seen.
-- Why: what a client claims of it is compared with this, so that no client can claim a softer phase (I19).
-- Called by: decide.record_risk_state. Raises: nothing.
create or replace function decide.protocol_step(
    p_run decide.cycle_runs, p_volatility double precision, p_var double precision, p_cvar double precision,
    out drawdown double precision, out phase_session date, out step govern.protocol_steps
)
returns record
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_cycle decide.cycles;
    v_base record;
begin
    select c.* into v_cycle from decide.cycles as c where c.cycle_id = p_run.cycle_id;
    select b.* into v_base
    from decide.protocol_base(p_run.account, v_cycle.as_of_session, v_cycle.slot, p_run.recorded_before) as b;
    drawdown := (
        select greatest(1 - n.nav_index / trade.tactical_mark(n.account, n.session), 0)
        from trade.nav as n
        where n.account = p_run.account and n.session = v_cycle.as_of_session and n.recorded_at <= p_run.recorded_before
    );
    step := govern.next_phase(
        v_base.state, row(drawdown, p_volatility, p_var, p_cvar)::govern.protocol_facts, v_cycle.slot, govern.protocol_numbers()
    );
    phase_session := case when step.sessions = 0 then v_cycle.as_of_session else v_base.phase_session end;
end;
$$;
comment on function decide.protocol_step(decide.cycle_runs, double precision, double precision, double precision) is
'The step of the recovery protocol a run makes on the given figures, recomputed from rows; with drawdown and phase session.';
