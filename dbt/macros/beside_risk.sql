{#-
    A segment beside feat_risk's, looked up by the key. offset 0 keeps it that way: the planner, which knows nothing of tables
    nobody has analysed, else begins with the other table and compares all with all (34 s, measured). The condition on recorded_at
    leaves out segments of a model that was not brought up to date: late, never inconsistent.
-#}
{% macro beside_risk(relation, alias) -%}
    cross join lateral (
        select f.* from {{ relation }} as f
        where f.symbol = risk.symbol and f.last_n = risk.last_n and f.recorded_at = risk.bar_recorded_at offset 0
    ) as {{ alias }}
{%- endmacro %}
