-- audit.explain_inputs(cycle, run, symbol): what the gate copied of dbt and judged, and how it read the relations it came from.
-- Called by: audit.explain_json. Raises: nothing; NULL where the symbol was not active in the run.
create or replace function audit.explain_inputs(p_cycle_id text, p_run integer, p_symbol text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select to_jsonb(i) - array['cycle_id', 'run', 'account', 'symbol'] || jsonb_build_object(
        'relations', (
            select jsonb_agg(jsonb_build_object(
                'relation', l.relation, 'rows', l.row_count, 'fault', l.reason, 'rows_sha256', l.rows_sha256
            ) order by l.relation)
            from decide.relation_reads as l
            where l.cycle_id = p_cycle_id and l.run = p_run
        )
    )
    from decide.cycle_inputs as i
    where i.cycle_id = p_cycle_id and i.run = p_run and i.symbol = p_symbol
$$;
comment on function audit.explain_inputs(text, integer, text) is
'The gate''s copy of a symbol: quality, governance state with its reasons, features, and the digests of the relations read.';
