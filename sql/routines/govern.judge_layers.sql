-- govern.judge_layers(cycle, run, layers): asks the given layers in order and returns each verdict; stores nothing.
-- Why: the list is literal; a layer is one file and one line here. A layer that gives no verdict refuses (I17). The same
-- routines answer when a cycle opens, when its basket is placed and when its orders are released.
-- Evidence keeps every digit, whatever the session says.
-- Called by: govern.evaluate_layers, govern.recheck_layers. Raises: nothing: a refusal is a row.
create or replace function govern.judge_layers(p_cycle_id text, p_run integer, p_layers integer[])
returns setof govern.verdict
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
    v_layer integer;
    v_verdict govern.verdict;
begin
    foreach v_layer in array p_layers loop
        v_verdict := case v_layer
            when 1 then govern.layer_01_kill_switch(p_cycle_id, p_run)
            when 2 then govern.layer_02_data_governance(p_cycle_id, p_run)
            when 3 then govern.layer_03_history(p_cycle_id, p_run)
            when 4 then govern.layer_04_data_quality(p_cycle_id, p_run)
            when 5 then govern.layer_05_signal_validation(p_cycle_id, p_run)
            when 6 then govern.layer_06_risk_limits(p_cycle_id, p_run)
            when 7 then govern.layer_07_circuit_breakers(p_cycle_id, p_run)
            when 8 then govern.layer_08_cvar_persistence(p_cycle_id, p_run)
            when 9 then govern.layer_09_recovery(p_cycle_id, p_run)
            when 10 then govern.layer_10_audit_trail(p_cycle_id, p_run)
            when 11 then govern.layer_11_alerting(p_cycle_id, p_run)
        end;
        if v_verdict.verdict is null then
            v_verdict := govern.make_verdict(v_layer, 'REFUSE', 'NO_VERDICT', null);
        end if;
        return next v_verdict;
    end loop;
end;
$$;
comment on function govern.judge_layers(text, integer, integer[]) is
'Asks the given governance layers of a run in order and returns their verdicts.';
