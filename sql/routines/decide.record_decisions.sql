-- decide.record_decisions(cycle, run, rows): stores the decisions of a run; returns how many.
-- rows: array of the specification's fields without cycle_id; timestamp may be left out, it is the cycle's as_of. That each
-- active symbol has exactly one is layer 10's and decide.close_run's to see. The audit event is decide.close_run's, in the same
-- transaction.
-- Called by: the cycle as fund_decider. Raises: MQ204, MQ244, MQ245, MQ246, MQ247.
create or replace function decide.record_decisions(p_cycle_id text, p_run integer, p_rows jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run constant decide.cycle_runs := decide.hold_open_run(p_cycle_id, p_run);
    v_count integer;
begin
    perform govern.require_layers(p_cycle_id, p_run, array[1, 2, 3, 4], array[10, 11]);
    perform ops.refuse_unknown_keys(p_rows, array[
        'symbol', 'timestamp', 'final_decision', 'position_size', 'stop_loss', 'reason_codes', 'mu_hat', 'sigma_hat',
        'conviction', 'data_quality_score', 'provider_confidence', 'agent_results', 'risk_checks', 'metadata'
    ]);
    perform decide.refuse_foreign_symbols(p_cycle_id, p_run, p_rows);
    perform decide.refuse_contradictions(p_cycle_id, p_run, p_rows);
    insert into decide.decisions (
        cycle_id, symbol, "timestamp", final_decision, position_size, stop_loss, reason_codes, mu_hat, sigma_hat, conviction,
        data_quality_score, provider_confidence, agent_results, risk_checks, metadata, account, run
    )
    select
        p_cycle_id, r.symbol, c.as_of, r.final_decision, r.position_size, r.stop_loss, r.reason_codes, r.mu_hat, r.sigma_hat,
        r.conviction, r.data_quality_score, r.provider_confidence, r.agent_results, r.risk_checks, r.metadata, v_run.account,
        p_run
    from jsonb_populate_recordset(null::decide.decisions, p_rows) as r
        cross join decide.cycles as c
    where c.cycle_id = p_cycle_id;
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;
comment on function decide.record_decisions(text, integer, jsonb) is
'Stores the decisions of a run; returns how many. Raises MQ204, MQ244, MQ245, MQ246, MQ247.';
