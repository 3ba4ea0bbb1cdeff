-- govern.layer_10_audit_trail(cycle, run): PASS where every active symbol has exactly its decision and the chain's head is its
-- last row.
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_10_audit_trail(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with counted as (
        select
            count(i.symbol) as active_symbols,
            count(d.symbol) as decisions,
            count(*) filter (where i.symbol is null or d.symbol is null) as unmatched
        from (select * from decide.cycle_inputs as c where c.cycle_id = p_cycle_id and c.run = p_run) as i
            full join (select * from decide.decisions as c where c.cycle_id = p_cycle_id and c.run = p_run) as d
                on d.symbol = i.symbol
    ),

    chain as (
        select
            h.seq as head_seq,
            (
                h.seq = 0 and not exists (select 1 from audit.audit_log)
                or exists (
                    select 1 from audit.audit_log as l
                    where l.seq = h.seq and l.hash = h.hash and l.hash = sha256(l.prev_hash || l.payload)
                ) and not exists (select 1 from audit.audit_log as l where l.seq > h.seq)
            ) as head_intact
        from audit.heads as h
    ),

    final as (
        select
            case
                when c.head_intact is not true then 'AUDIT_HEAD_BROKEN'
                when n.unmatched > 0 then 'DECISIONS_INCOMPLETE'
            end as fault,
            to_jsonb(n) || jsonb_build_object('head_seq', c.head_seq) as evidence
        from counted as n
            left join chain as c on true
    )

    select govern.make_verdict(
        10, case when f.fault is null then 'PASS' else 'REFUSE' end, coalesce(f.fault, 'COMPLETE'), f.evidence
    )
    from final as f
$$;
comment on function govern.layer_10_audit_trail(text, integer) is
'Layer 10: exactly one decision per active symbol, and the audit head is the chain''s last row.';
