{#-
    A family's segment beside market's, looked up by the key. offset 0 keeps it that way: the planner, which knows nothing of tables
    nobody has analysed, else begins with the families and compares all with all (34 s, measured). The condition on recorded_at
    leaves out segments of a family that was not brought up to date: late, never inconsistent.
-#}
{% macro family_row(relation, alias) -%}
    cross join lateral (
        select f.* from {{ relation }} as f
        where f.symbol = market.symbol and f.last_n = market.last_n and f.recorded_at = market.bar_recorded_at offset 0
    ) as {{ alias }}
{%- endmacro %}
