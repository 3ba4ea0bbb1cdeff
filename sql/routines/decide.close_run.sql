-- decide.close_run(cycle, run, state, layer, reason, exit code, summary): ends a run as exactly one of DONE, HALTED, FAILED
-- (I26).
-- Why: what a finished run must hold is checked here whatever the client believes; the run's audit events follow in one batch,
-- last (I13, I21): cycle.done, cycle.halted or cycle.failed with verdicts and digests of all rows, order.placed per order. What
-- the recovery protocol does beside the run, it does here (decide.apply_protocol). An account's newest run is the one that ended
-- last (decide.protocol_base): its end is recorded behind those before it, also where the wall clock was set back.
-- Called by: the cycle as fund_decider, last of its transaction. Raises: MQ220, MQ244, MQ248.
create or replace function decide.close_run(
    p_cycle_id text, p_run integer, p_state text, p_layer integer, p_reason text, p_exit_code integer, p_summary jsonb
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run constant decide.cycle_runs := decide.hold_open_run(p_cycle_id, p_run);
    v_fault constant text := case
        when coalesce(p_reason, '') = '' or p_exit_code is null then 'a reason and an exit code are missing'
        else decide.closing_fault(p_cycle_id, p_run, p_state)
    end;
begin
    if v_fault is not null then
        raise exception using errcode = 'MQ248', message = format('the run cannot close as %s: %s', p_state, v_fault),
            detail = format('cycle_id=%s run=%s', p_cycle_id, p_run), hint = 'close it as FAILED in a new transaction';
    end if;
    update decide.cycle_runs as r
    set
        state = p_state, layer = p_layer, reason = p_reason, exit_code = p_exit_code, closed_at = ops.now(),
        closed_recorded_at = greatest(clock_timestamp(), (
            select max(x.closed_recorded_at) from decide.cycle_runs as x where x.account = v_run.account
        ) + interval '1 microsecond'),
        summary = coalesce(p_summary, '{}'::jsonb)
    where r.cycle_id = p_cycle_id and r.run = p_run;
    if p_state = 'FAILED' and p_reason <> 'DRY_RUN' then
        perform notify.enqueue(
            'HIGH', 'SYSTEM', 'CYCLE_FAILED', format('run %s of cycle %s failed: %s', p_run, p_cycle_id, p_reason),
            p_account => v_run.account, p_detail => jsonb_build_object('cycle_id', p_cycle_id, 'run', p_run, 'reason', p_reason)
        );
    end if;
    perform decide.apply_protocol(p_cycle_id, p_run);
    perform audit.append(
        jsonb_build_array(jsonb_build_object(
            'event', 'cycle.' || lower(p_state), 'account', v_run.account, 'cycle_id', p_cycle_id,
            'body', jsonb_build_object(
                'run', p_run, 'layer', p_layer, 'reason', p_reason, 'exit_code', p_exit_code,
                'inputs_sha256', v_run.inputs_sha256, 'rows', decide.run_digests(p_cycle_id, p_run), 'summary', p_summary,
                'verdicts', (
                    select coalesce(jsonb_agg(jsonb_build_object(
                        'layer', g.layer, 'verdict', g.verdict, 'reason_code', g.reason_code, 'evidence', g.evidence
                    ) order by g.layer), '[]'::jsonb)
                    from decide.gate_verdicts as g where g.cycle_id = p_cycle_id and g.run = p_run
                )
            )
        )) || decide.order_events(p_cycle_id, p_run)
    );
end;
$$;
comment on function decide.close_run(text, integer, text, integer, text, integer, jsonb) is
'Ends an OPEN run as DONE, HALTED or FAILED after checking what such a run must hold; appends its audit events. Raises MQ220, '
'MQ244, MQ248.';
