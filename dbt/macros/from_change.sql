{#-
    How an increment enters its table: a symbol's rows from its first new row on give way to the new ones; no other row is touched.
    unique_key is [symbol, position], position being the column a symbol's rows are ordered by.
-#}
{% macro from_change(target, fresh, unique_key, names) %}
    {%- set position = unique_key[1] -%}
    {%- set columns = names | map('tojson') | join(', ') -%}
    delete from {{ target }} as t
    using (
        select n.symbol, min(n.{{ position }}) as {{ position }} from {{ fresh }} as n group by n.symbol
    ) as c
    where t.symbol = c.symbol and t.{{ position }} >= c.{{ position }};

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ fresh }}
{% endmacro %}
