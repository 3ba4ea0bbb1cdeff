{#-
    Incremental strategy from_change: a symbol's rows from its first new row on give way to the new ones; no other row is touched.
    unique_key is [symbol, position], position being the column a symbol's rows are ordered by.
-#}
{% macro get_incremental_from_change_sql(arg_dict) %}
    {%- set position = arg_dict['unique_key'][1] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    delete from {{ arg_dict['target_relation'] }} as t
    using (
        select n.symbol, min(n.{{ position }}) as {{ position }} from {{ arg_dict['temp_relation'] }} as n group by n.symbol
    ) as c
    where t.symbol = c.symbol and t.{{ position }} >= c.{{ position }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}
