{#- How an increment enters a table whose rows stand alone, one per unique_key: new ones are added, known ones overwritten. -#}
{% macro upsert(target, sql, unique_key, names) %}
    {%- set columns = names | map('tojson') | join(', ') -%}
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from (
        {{ sql }}
    ) as fresh
    on conflict ({{ unique_key }}) do update set
    {%- for name in names if name != unique_key %}
        {{ name | tojson }} = excluded.{{ name | tojson }}{{ "," if not loop.last }}
    {%- endfor %}
{% endmacro %}
