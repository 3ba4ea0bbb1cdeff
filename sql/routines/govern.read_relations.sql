-- govern.read_relations(cycle, run, session, symbols): reads dbt's four relations, judges each as a whole and stores what it
-- found.
-- Returns {relation: rows}, an empty array for one that was refused: its symbols then have nothing to be opened by.
-- Called by: govern.copy_inputs. Raises: nothing: a refusal is a row of decide.relation_reads and a layer's verdict (I17, I18).
create or replace function govern.read_relations(p_run decide.cycle_runs, p_session date, p_symbols text[])
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_read record;
    v_reason text;
    v_relations jsonb := '{}'::jsonb;
begin
    perform govern.hold_relation(h.schema, h.relation)
    from (values
        ('quality', 'symbol_governance'), ('quality', 'data_quality'), ('features', 'features'), ('features', 'company_features')
    ) as h (schema, relation);
    for v_read in
        select q.relation, q.fault, q.found_rows from govern.read_quality() as q
        union all
        select f.relation, f.fault, f.found_rows from govern.read_features(p_session, p_symbols) as f
    loop
        v_reason := govern.judge_relation(v_read.relation, v_read.fault, v_read.found_rows, p_session);
        insert into decide.relation_reads (cycle_id, run, account, relation, row_count, reason, detail, rows_sha256)
        values (
            p_run.cycle_id, p_run.run, p_run.account, v_read.relation, jsonb_array_length(v_read.found_rows), v_reason,
            case when v_reason is not null
                then format('relation=%s session=%s', v_read.relation, to_char(p_session::timestamp, 'YYYY-MM-DD')) end,
            case when v_reason is null then encode(sha256(convert_to(v_read.found_rows::text, 'UTF8')), 'hex') end
        );
        v_relations := v_relations
            || jsonb_build_object(v_read.relation, case when v_reason is null then v_read.found_rows else '[]'::jsonb end);
    end loop;
    return v_relations;
end;
$$;
comment on function govern.read_relations(decide.cycle_runs, date, text[]) is
'Reads and judges dbt''s four relations, stores decide.relation_reads, returns the usable rows by relation.';
