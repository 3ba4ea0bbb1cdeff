-- audit.tell_cycle(explanation): the head of the text: symbol, cycle, configuration, the verdicts.
-- Called by: audit.explain. Raises: nothing.
create or replace function audit.tell_cycle(p_found jsonb)
returns text
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(
        E'\n',
        format('%s in cycle %s of %s, as of %s, for %s', p_found ->> 'symbol', c ->> 'cycle_id', c ->> 'account',
            c ->> 'as_of_session', c ->> 'trade_session'),
        '  ' || (p_found ->> 'answer'),
        '',
        'CYCLE',
        format('  run %s of %s, %s, strategy %s, slot %s: %s%s', c ->> 'run', jsonb_array_length(c -> 'runs'), c ->> 'mode',
            c ->> 'strategy', c ->> 'slot', c ->> 'state', coalesce(', ' || nullif(c ->> 'reason', c ->> 'state'), '')),
        format('  saw what was known by %s; code %s', c ->> 'as_of', c ->> 'code_version'),
        format('  configuration %s pinned by %s: %s', c -> 'config' ->> 'config_sha256', c -> 'config' ->> 'pinned_by',
            c -> 'config' ->> 'reason'),
        (
            select string_agg(format('  layer %s %s: %s %s', lpad(v ->> 'layer', 2), v ->> 'layer_name', v ->> 'verdict',
                v ->> 'reason'), E'\n' order by (v ->> 'layer')::integer)
            from jsonb_array_elements(case jsonb_typeof(c -> 'verdicts') when 'array' then c -> 'verdicts' end) as v
        )
    )
    from (select p_found -> 'cycle' as c) as s
$$;
comment on function audit.tell_cycle(jsonb) is
'Text of an explanation: the answer, the cycle, the configuration in force, the verdicts of the layers.';
