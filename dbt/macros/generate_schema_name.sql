{#- The schemas are SQL's own (sql/bootstrap): a model goes where its folder says, whatever the target. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
