-- govern.layer_01_kill_switch(cycle, run): PASS while no kill source is engaged, none awaits a resumption (I15), and the account
-- has not lost what kills; the kill row stays held for share (I12, I14).
-- Why: the loss is looked at itself: it refuses where its source was never engaged, was cleared, or cannot be known (B7, I17).
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
    v_loss constant double precision := (
        select trade.capital_loss(c.account) from decide.cycles as c where c.cycle_id = p_cycle_id
    );
    v_limit constant double precision := govern.effective_limit('kill_loss');
    v_sources constant jsonb := (
        select coalesce(
            jsonb_agg(
                jsonb_build_object('source', s.source, 'host', s.host, 'reason', s.reason) order by s.source, s.host
            ), '[]'
        )
        from ops.kill_sources as s
    );
    v_fault constant text := case
        when v_engaged is distinct from false then 'KILL_SWITCH'
        when v_limit is null then 'LIMIT_MISSING'
        when v_loss >= v_limit then 'KILL_LOSS'
        when (v_loss < v_limit) is not true then 'LOSS_UNKNOWN'
    end;
begin
    return govern.make_verdict(
        1, case when v_fault is null then 'PASS' else 'REFUSE' end, coalesce(v_fault, 'NOT_ENGAGED'),
        jsonb_build_object(
            'sources', v_sources, 'resume_pending', ops.resume_pending(), 'capital_loss', v_loss, 'kill_loss', v_limit
        )
    );
end;
$$;
comment on function govern.layer_01_kill_switch(text, integer) is
'Layer 1: no kill source is engaged, none awaits a resumption, and the account has not lost what kills (B7, I12, I14).';
