-- govern.require_layers(cycle, run, present, absent): the steps of a run come in their order.
-- Why: a step that is skipped or repeated is a caller's mistake, and nothing of the run may be stored on its word.
-- Called by: govern.open_gate, govern.check_results, govern.conclude, decide.record_*. Raises: MQ245.
create or replace function govern.require_layers(p_cycle_id text, p_run integer, p_present integer[], p_absent integer[])
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_judged constant integer[] := array(
        select g.layer from decide.gate_verdicts as g where g.cycle_id = p_cycle_id and g.run = p_run order by g.layer
    );
begin
    if not v_judged @> p_present or v_judged && p_absent then
        raise exception using errcode = 'MQ245', message = 'the gate''s verdicts do not allow this step of the run',
            detail = format(
                'cycle_id=%s run=%s judged=%s needed=%s', p_cycle_id, p_run, array_to_string(v_judged, ','),
                array_to_string(p_present, ',')
            ),
            hint = 'call open_cycle, open_gate, record_*, check_results, place_orders, record_decisions, conclude, close_run';
    end if;
end;
$$;
comment on function govern.require_layers(text, integer, integer[], integer[]) is
'Raises MQ245 unless the run has verdicts of all layers present and of none absent.';
