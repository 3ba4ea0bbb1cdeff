-- govern.layer_01_kill_switch(cycle, run): PASS while no kill source is engaged and none awaits a
-- resumption (I15); the kill row stays held for share (I12, I14).
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_01_kill_switch(p_cycle_id text, p_run integer)
returns govern.verdict
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_engaged constant boolean := ops.kill_engaged(true);
    v_sources constant jsonb := (
        select coalesce(
            jsonb_agg(
                jsonb_build_object('source', s.source, 'host', s.host, 'reason', s.reason) order by s.source, s.host
            ), '[]'
        )
        from ops.kill_sources as s
    );
begin
    return govern.make_verdict(
        1, case when v_engaged is false then 'PASS' else 'REFUSE' end,
        case when v_engaged is false then 'NOT_ENGAGED' else 'KILL_SWITCH' end,
        jsonb_build_object('sources', v_sources, 'resume_pending', ops.resume_pending())
    );
end;
$$;
comment on function govern.layer_01_kill_switch(text, integer) is 'Layer 1: no kill source is engaged (I12, I14).';
