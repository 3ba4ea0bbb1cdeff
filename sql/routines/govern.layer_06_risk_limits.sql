-- govern.layer_06_risk_limits(cycle, run): PASS where every required limit was evaluated against the number in force.
-- What: govern.risk_limit_faults says which limits and what is wrong with one. What a breach does (scale, reject) is the stages'
-- and trade's business; that it was looked at is this layer's.
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_06_risk_limits(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with faults as (
        select f.limit_name, f.is_required, f.fault from govern.risk_limit_faults(p_cycle_id, p_run) as f
    ),

    final as (
        select
            coalesce(
                case when not exists (select 1 from decide.risk_states as s where s.cycle_id = p_cycle_id and s.run = p_run)
                    then 'RISK_STATE_MISSING' end,
                (select f.fault || ':' || f.limit_name from faults as f where f.fault is not null order by f.limit_name limit 1)
            ) as fault,
            jsonb_build_object('required', (select count(*) from faults as f where f.is_required), 'faults', (
                select coalesce(jsonb_object_agg(f.limit_name, f.fault), '{}') from faults as f where f.fault is not null
            )) as evidence
    )

    select govern.make_verdict(
        6, case when f.fault is null then 'PASS' else 'REFUSE' end, coalesce(f.fault, 'LIMITS_EVALUATED'), f.evidence
    )
    from final as f
$$;
comment on function govern.layer_06_risk_limits(text, integer) is
'Layer 6: every required limit was evaluated, on a known number or refused, against the number in force; the risk state is '
'stored.';
