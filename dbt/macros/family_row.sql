{#-
    Joins a family's row of p. A full refresh hashes whole tables; an increment looks its few rows up by the key, whatever the
    planner believes of tables nobody has analysed yet (it read all of them for no row at all, measured).
-#}
{% macro family_row(relation, alias) -%}
    {%- if is_incremental() -%}
    cross join lateral (
        select f.* from {{ relation }} as f
        where f.symbol = p.symbol and f.n = p.n and f.recorded_at = p.recorded_at limit 1
    ) as {{ alias }}
    {%- else -%}
    inner join {{ relation }} as {{ alias }}
        on {{ alias }}.symbol = p.symbol and {{ alias }}.n = p.n and {{ alias }}.recorded_at = p.recorded_at
    {%- endif -%}
{%- endmacro %}
