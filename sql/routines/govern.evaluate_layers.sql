-- govern.evaluate_layers(cycle, run, layers): judges the given layers and stores each verdict as the run's row.
-- Called by: govern.open_gate, govern.check_results, govern.conclude. Raises: nothing: a refusal is a row.
create or replace function govern.evaluate_layers(p_cycle_id text, p_run integer, p_layers integer[])
returns setof govern.verdict
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_verdict govern.verdict;
begin
    for v_verdict in select v.* from govern.judge_layers(p_cycle_id, p_run, p_layers) as v loop
        perform govern.record_verdict(p_cycle_id, p_run, v_verdict);
        return next v_verdict;
    end loop;
end;
$$;
comment on function govern.evaluate_layers(text, integer, integer[]) is
'Evaluates the given governance layers of a run in order, stores each verdict and returns them.';
