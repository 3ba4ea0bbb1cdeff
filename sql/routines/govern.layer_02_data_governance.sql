-- govern.layer_02_data_governance(cycle, run): PASS where symbols are classified for this session, at least one is ACTIVE, and
-- the account's books are the broker's.
-- Why: a decision is a difference from what is held; books that are not reconciled say nothing about that (I8), with exit 14.
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_02_data_governance(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with classified as (
        select
            count(*) as symbols,
            count(*) filter (where i.classified_state = 'ACTIVE') as active,
            count(*) filter (where i.classified_state = 'DEGRADED') as degraded,
            count(*) filter (where i.classified_state = 'QUARANTINED') as quarantined,
            count(*) filter (where i.classified_state is null) as not_classified
        from decide.cycle_inputs as i
        where i.cycle_id = p_cycle_id and i.run = p_run
    ),

    books as (
        select trade.release_gate(r.account) as gate
        from decide.cycle_runs as r
        where r.cycle_id = p_cycle_id and r.run = p_run
    ),

    fault as (
        select (
            select r.reason from decide.relation_reads as r
            where r.cycle_id = p_cycle_id and r.run = p_run and r.relation = 'quality.symbol_governance' and r.reason is not null
        ) as reason
    )

    select govern.make_verdict(
        2, case when b.gate is null and f.reason is null and c.active > 0 then 'PASS' else 'REFUSE' end,
        case when b.gate is not null then 'BOOKS_' || b.gate
            when f.reason is not null then 'GOVERNANCE_' || f.reason
            when c.active > 0 then 'CLASSIFIED'
            else 'NO_ACTIVE_SYMBOL' end,
        to_jsonb(c) || jsonb_build_object('books', coalesce(b.gate, 'RECONCILED')),
        case when b.gate is not null then 14 end
    )
    from classified as c
        cross join fault as f
        cross join books as b
$$;
comment on function govern.layer_02_data_governance(text, integer) is
'Layer 2: quality.symbol_governance is usable for the as-of session and has an ACTIVE symbol; books are reconciled (exit 14).';
