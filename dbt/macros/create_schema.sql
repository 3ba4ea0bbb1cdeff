{#- The schemas are fund_owner's, made by deploy. A missing one is an undeployed database, not something to create. -#}
{% macro postgres__create_schema(relation) -%}
    {%- if relation.without_identifier().schema not in adapter.list_schemas(relation.database) -%}
        {{ exceptions.raise_compiler_error(
            "schema " ~ relation.schema ~ " does not exist in this database: python -m runner deploy"
        ) }}
    {%- endif -%}
{%- endmacro %}
