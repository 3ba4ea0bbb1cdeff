-- govern.open_gate(cycle, run): copies and checks what the run may see, and judges layers 1 to 4.
-- Why: all four are asked, so that a refused run says everything that was wrong; a refusal is a row, not an exception. The
-- opening and the verdicts are appended to the chain here, last (I13, I21).
-- Called by: the cycle as fund_decider, in the transaction of decide.open_cycle. Raises: MQ244, MQ245.
create or replace function govern.open_gate(p_cycle_id text, p_run integer)
returns setof govern.verdict
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run constant decide.cycle_runs := decide.hold_open_run(p_cycle_id, p_run);
    v_cycle decide.cycles;
    v_digest text;
    v_verdicts govern.verdict[];
begin
    perform govern.require_layers(p_cycle_id, p_run, '{}', array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    select c.* into v_cycle from decide.cycles as c where c.cycle_id = p_cycle_id;
    perform govern.copy_inputs(v_run, v_cycle);
    v_digest := govern.inputs_digest(p_cycle_id, p_run);
    update decide.cycle_runs as r set inputs_sha256 = v_digest where r.cycle_id = p_cycle_id and r.run = p_run;
    v_verdicts := array(select v::govern.verdict from govern.evaluate_layers(p_cycle_id, p_run, array[1, 2, 3, 4]) as v);
    perform audit.append(jsonb_build_array(jsonb_build_object(
        'event', 'cycle.opened', 'account', v_run.account, 'cycle_id', p_cycle_id,
        'body', jsonb_build_object(
            'run', p_run, 'mode', v_cycle.mode, 'strategy', v_cycle.strategy, 'as_of_session', v_cycle.as_of_session,
            'slot', v_cycle.slot, 'config_sha256', v_cycle.config_sha256, 'as_of', ops.utc_text(v_cycle.as_of),
            'recorded_before', ops.utc_text(v_run.recorded_before), 'trade_session', v_cycle.trade_session,
            'code_version', v_run.code_version, 'versions', v_run.versions, 'inputs_sha256', v_digest,
            'verdicts', to_jsonb(v_verdicts)
        )
    )));
    return query select v.* from unnest(v_verdicts) as v;
end;
$$;
comment on function govern.open_gate(text, integer) is
'Copies the run''s inputs, judges layers 1-4, stores both and returns the verdicts. Raises MQ244, MQ245.';
