-- govern.check_results(cycle, run): judges layers 5 to 9 from what the run has stored.
-- Why: Python's own word is not taken: the layers read decide.model_outputs, decide.risk_checks and decide.risk_states.
-- Called by: the cycle as fund_decider, in the commit transaction, before orders are placed. Raises: MQ244, MQ245.
create or replace function govern.check_results(p_cycle_id text, p_run integer)
returns setof govern.verdict
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform decide.hold_open_run(p_cycle_id, p_run);
    perform govern.require_layers(p_cycle_id, p_run, array[1, 2, 3, 4], array[5, 6, 7, 8, 9, 10, 11]);
    return query select v.* from govern.evaluate_layers(p_cycle_id, p_run, array[5, 6, 7, 8, 9]) as v;
end;
$$;
comment on function govern.check_results(text, integer) is
'Judges layers 5-9 from the stored outputs and risk checks and returns the verdicts. Raises MQ244, MQ245.';
