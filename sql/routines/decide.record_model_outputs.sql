-- decide.record_model_outputs(cycle, run, rows): stores the agents' views; returns how many.
-- rows: array of {symbol, agent, family, score, mu, sigma, confidence, abstained, reasons}. A view out of bounds is refused by
-- the table, never clipped (ruling D5). The run's audit event is appended by decide.close_run, in the same transaction.
-- Called by: the cycle as fund_decider, first of the commit transaction. Raises: MQ204, MQ244, MQ245, MQ246.
create or replace function decide.record_model_outputs(p_cycle_id text, p_run integer, p_rows jsonb)
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
    perform govern.require_layers(p_cycle_id, p_run, array[1, 2, 3, 4], array[5, 6, 7, 8, 9, 10, 11]);
    perform ops.refuse_unknown_keys(
        p_rows, array['symbol', 'agent', 'family', 'score', 'mu', 'sigma', 'confidence', 'abstained', 'reasons']
    );
    perform decide.refuse_foreign_symbols(p_cycle_id, p_run, p_rows);
    insert into decide.model_outputs (
        cycle_id, run, account, symbol, agent, family, score, mu, sigma, confidence, abstained, reasons
    )
    select
        p_cycle_id, p_run, v_run.account, r.symbol, r.agent, r.family, r.score, r.mu, r.sigma, r.confidence, r.abstained,
        r.reasons
    from jsonb_populate_recordset(null::decide.model_outputs, p_rows) as r;
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;
comment on function decide.record_model_outputs(text, integer, jsonb) is
'Stores the agents'' views of a run; returns how many. Raises MQ204, MQ244, MQ245, MQ246.';
