-- govern.layer_04_data_quality(cycle, run): PASS where scores and features are usable and a symbol is left ACTIVE by the gate.
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_04_data_quality(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with faults as (
        select
            max(r.reason) filter (where r.relation = 'quality.data_quality') as quality_fault,
            max(r.reason) filter (where r.relation = 'features.features') as features_fault,
            max(r.reason) filter (where r.relation = 'features.company_features') as company_fault,
            count(*) filter (
                where r.relation in ('quality.data_quality', 'features.features', 'features.company_features')
            ) as relations_read
        from decide.relation_reads as r
        where r.cycle_id = p_cycle_id and r.run = p_run
    ),

    judged as (
        select
            count(*) as symbols,
            count(*) filter (where i.governance_state = 'ACTIVE') as active,
            min(i.data_quality_score) filter (where i.governance_state = 'ACTIVE') as lowest_active_score
        from decide.cycle_inputs as i
        where i.cycle_id = p_cycle_id and i.run = p_run
    ),

    final as (
        select
            case
                when f.relations_read <> 3 then 'NOT_READ'
                when f.quality_fault is not null then 'QUALITY_' || f.quality_fault
                when f.features_fault is not null then 'FEATURES_' || f.features_fault
                when f.company_fault is not null then 'COMPANY_' || f.company_fault
                when j.active = 0 then 'NO_ACTIVE_SYMBOL'
            end as fault,
            to_jsonb(j) || jsonb_build_object('score_min', govern.effective_limit('min_quality')) as evidence
        from faults as f
            cross join judged as j
    )

    select govern.make_verdict(
        4, case when f.fault is null then 'PASS' else 'REFUSE' end, coalesce(f.fault, 'QUALITY_SUFFICIENT'), f.evidence
    )
    from final as f
$$;
comment on function govern.layer_04_data_quality(text, integer) is
'Layer 4: quality scores and features are usable for the as-of session, and at least one symbol is ACTIVE after the gate''s '
'recount.';
