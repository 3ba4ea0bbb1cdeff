-- audit.show_value(value): a value of an explanation as a person reads it: numbers to six significant decimals at most, lists
-- with commas, `-` for what there is not.
-- Called by: audit.explain_answer, audit.tell_*. Raises: nothing.
create or replace function audit.show_value(p_value jsonb)
returns text
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case jsonb_typeof(p_value)
        when 'number' then trim_scale(round(p_value::numeric, case when abs(p_value::numeric) < 0.001 then 8 else 4 end))::text
        when 'string' then p_value #>> '{}'
        when 'boolean' then p_value #>> '{}'
        when 'array' then case when p_value = '[]'::jsonb then 'none' else (
            select string_agg(audit.show_value(e.value), ', ' order by e.position)
            from jsonb_array_elements(p_value) with ordinality as e (value, position)
        ) end
        when 'object' then case when p_value = '{}'::jsonb then 'none' else (
            select string_agg(e.key || ' ' || audit.show_value(e.value), ', ' order by e.key collate "C")
            from jsonb_each(p_value) as e
        ) end
        else '-'
    end
$$;
comment on function audit.show_value(jsonb) is
'A jsonb value as text for people: rounded numbers, lists with commas, - for null.';
