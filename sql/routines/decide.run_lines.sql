-- decide.run_lines(cycle, run): what a run decided, a row each as jsonb, with the set it belongs to and its place in it.
-- What: model_outputs, risk_checks, risk_states, regime_states, symbol_states, decisions. Wall instants stay out, and what is the
-- run's own; instants are UTC text; every digit is there. A risk state from before the recovery protocol reads as it did when the
-- chain took its digest.
-- Called by: decide.run_digests, decide.run_rows, which must mean the same rows. Raises: nothing.
create or replace function decide.run_lines(p_cycle_id text, p_run integer)
returns table (part text, place text, line jsonb)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
    with lines (part, place, line) as (
        select 'model_outputs', o.symbol || ' ' || o.agent, to_jsonb(o)
        from decide.model_outputs as o where o.cycle_id = p_cycle_id and o.run = p_run

        union all
        select 'decisions', d.symbol, to_jsonb(d) || jsonb_build_object('timestamp', ops.utc_text(d."timestamp"))
        from decide.decisions as d where d.cycle_id = p_cycle_id and d.run = p_run

        union all
        select 'risk_checks', to_char(c.check_number, 'FM0000000000'), to_jsonb(c)
        from decide.risk_checks as c where c.cycle_id = p_cycle_id and c.run = p_run

        union all
        select 'risk_states', '', to_jsonb(s) - case
            when s.phase is null then
                array['phase', 'phase_session', 'tier', 'cvar_breaches', 'rebased', 'volatility', 'figures']
            else array['reject_sessions_left']
        end
        from decide.risk_states as s where s.cycle_id = p_cycle_id and s.run = p_run

        union all
        select 'regime_states', '', to_jsonb(g)
        from decide.regime_states as g where g.cycle_id = p_cycle_id and g.run = p_run

        union all
        select 'symbol_states', t.symbol, to_jsonb(t)
        from decide.symbol_states as t where t.cycle_id = p_cycle_id and t.run = p_run
    )

    select l.part, l.place, l.line - array['cycle_id', 'run', 'account', 'recorded_at'] from lines as l
$$;
comment on function decide.run_lines(text, integer) is
'One row per row a run decided: its set, its place in it, and itself without wall instants and what is the run''s own.';
