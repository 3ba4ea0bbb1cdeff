-- govern.layer_09_recovery(cycle, run): PASS where the run keeps to its phase of the recovery protocol (B9, B10).
-- What: on the ramp, a tier there is, and factors `ramp` and `soft` at most what it allows; elsewhere no tier. That phase, tier
-- and re-base follow from the run before was checked when they were recorded (decide.record_risk_state). A run that began
-- before trading was resumed knows of no ramp: nothing of it is placed or released any more (I15, B7).
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_09_recovery(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with judged as (
        select
            s.phase, s.phase_session, s.tier, s.rebased, r.ramp, r.ramp[s.tier] as allowed,
            (s.factors ->> 'ramp')::double precision as ramp_factor, (s.factors ->> 'soft')::double precision as soft,
            govern.effective_limit('freeze_sessions') is not null as numbered,
            (
                select max(x.resumed_at)
                from ops.resumptions as x
                    join decide.cycle_runs as c on c.recorded_before < x.recorded_at
                where c.cycle_id = p_cycle_id and c.run = p_run
            ) as resumed_at
        from (select govern.recovery_ramp() as ramp) as r
            left join decide.risk_states as s on s.cycle_id = p_cycle_id and s.run = p_run
    ),

    final as (
        select
            case
                when j.resumed_at is not null then 'RESUMED_SINCE'
                when j.phase is null then 'RISK_STATE_MISSING'
                when j.ramp is null or not j.numbered then 'LIMIT_MISSING'
                when j.phase <> 'RECOVERY' and j.tier <> 0 then 'TIER_OFF_THE_RAMP'
                when j.phase <> 'RECOVERY' then null
                when not (govern.is_within(j.ramp_factor, j.allowed) and govern.is_within(j.soft, j.allowed))
                    then 'ABOVE_THE_RAMP'
            end as fault,
            to_jsonb(j) - array['numbered', case when j.resumed_at is null then 'resumed_at' end] as evidence
        from judged as j
    )

    select govern.make_verdict(
        9, case when f.fault is null then 'PASS' else 'REFUSE' end, coalesce(f.fault, 'PHASE_HELD'), f.evidence
    )
    from final as f
$$;
comment on function govern.layer_09_recovery(text, integer) is
'Layer 9: the run keeps to its phase of the recovery protocol: on the ramp, tier and scalar within it, no resumption since.';
