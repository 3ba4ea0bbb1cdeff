-- decide.refuse_contradictions(cycle, run, rows): decisions agree with what the gate copied and judged.
-- Why: only ACTIVE symbols may trade; a refusing run rejects every symbol with HALT_<layer>; fields 3, 11 and 12 are the gate's.
-- Called by: decide.record_decisions. Raises: MQ247.
create or replace function decide.refuse_contradictions(p_cycle_id text, p_run integer, p_rows jsonb)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_fault record;
begin
    select r.symbol, f.field into v_fault
    from jsonb_populate_recordset(null::decide.decisions, p_rows) as r
        join decide.cycles as c on c.cycle_id = p_cycle_id
        join decide.cycle_inputs as i on i.cycle_id = p_cycle_id and i.run = p_run and i.symbol = r.symbol
        left join lateral (
            select array_agg('HALT_' || g.layer) as codes from decide.gate_verdicts as g
            where g.cycle_id = p_cycle_id and g.run = p_run and g.verdict = 'REFUSE'
        ) as h on true
        cross join lateral (
            select case
                when r."timestamp" is not null and r."timestamp" <> c.as_of then 'timestamp'
                when r.data_quality_score is distinct from i.data_quality_score then 'data_quality_score'
                when r.provider_confidence is distinct from i.provider_confidence then 'provider_confidence'
                when i.governance_state <> 'ACTIVE' and r.final_decision <> 'REJECT' then 'final_decision'
                when h.codes is not null and r.final_decision <> 'REJECT' then 'final_decision'
                when h.codes is not null and not r.reason_codes ?| h.codes then 'reason_codes'
            end as field
        ) as f
    where f.field is not null
    order by r.symbol
    limit 1;
    if found then
        raise exception using errcode = 'MQ247', message = 'a decision contradicts the run''s inputs or verdicts',
            detail = format('cycle_id=%s run=%s symbol=%s field=%s', p_cycle_id, p_run, v_fault.symbol, v_fault.field),
            hint = 'copy the gate''s fields; a refusing run rejects every symbol with HALT_<layer>';
    end if;
end;
$$;
comment on function decide.refuse_contradictions(text, integer, jsonb) is
'Raises MQ247 for a decision that contradicts the run''s inputs or verdicts.';
