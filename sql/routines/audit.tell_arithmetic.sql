-- audit.tell_arithmetic(explanation): the steps from views to weight as text; a step that does not add up carries a mark.
-- Called by: audit.tell_decision. Raises: nothing.
create or replace function audit.tell_arithmetic(p_found jsonb)
returns text
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(string_agg(
        format(
            '  %s %s: %s%s', case when a ->> 'adds_up' = 'false' then '!' else ' ' end, a ->> 'step', a ->> 'formula',
            case when jsonb_typeof(a -> 'stored') = 'number' then ' = ' || audit.show_value(a -> 'stored') else '' end
            || case when a ->> 'adds_up' = 'false' then ', recomputed ' || audit.show_value(a -> 'recomputed') else '' end
        ), E'\n' order by position
    ), '  none: it was refused before signals')
    from jsonb_array_elements(case when jsonb_typeof(p_found -> 'arithmetic') = 'array' then p_found -> 'arithmetic' end)
        with ordinality as e (a, position)
$$;
comment on function audit.tell_arithmetic(jsonb) is
'Text of an explanation''s arithmetic: a line a step; ! where the stored figure is not what the formula gives.';
