{#-
    materialized='seed' for this project: loaded where the table is not what the file gave, which its comment says: the file's
    SHA-256 and a digest of the rows it became. A cycle builds its seeds with its models; dbt's own would parse, empty and fill
    the table every time. A changed file makes the table anew, so that a column it gained is there: nothing of SQL's hangs on it
    (I18).
-#}
{% materialization seed, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set file = model.original_file_path.split('/') | last -%}
    {%- set provenance = "Loaded from " ~ file ~ ", SHA-256 " ~ model.checksum.checksum ~ "; rows " -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set loaded = seed_state(target) if existing is not none and existing.type == 'table' else none -%}
    {%- if loaded and not should_full_refresh() and loaded.comment.endswith(provenance ~ loaded.digest ~ '.') -%}
        {%- do store_result('agate_table', response='UNCHANGED', agate_table=loaded.table) -%}
        {% call noop_statement('main', 'UNCHANGED', 'UNCHANGED', 0) %}{% endcall %}
    {%- else -%}
        {%- set rows = load_agate_table() -%}
        {%- do store_result('agate_table', response='OK', agate_table=rows) -%}
        {{ drop_relation_if_exists(existing) }}
        {%- set made = create_csv_table(model, rows) -%}
        {%- set filled = load_csv_rows(model, rows) if rows.rows | length > 0 else '' -%}
        {% call noop_statement('main', 'CREATE ' ~ rows.rows | length, 'CREATE', rows.rows | length) %}
            {{ get_csv_sql(made, filled) }}
        {% endcall %}
        {% do create_indexes(target) %}
        {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, True)) %}
        {% do persist_docs(target, model) %}
        {%- set comment = model.description ~ ' ' ~ provenance ~ seed_state(target).digest ~ '.' -%}
        {% do run_query(alter_relation_comment(target, comment)) %}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{#- What a table's comment says, and the digest of its rows. -#}
{% macro seed_state(relation) -%}
    {%- call statement('seed_state', fetch_result=True) %}
        select
            coalesce(obj_description('{{ relation }}'::regclass, 'pg_class'), ''),
            (select coalesce(md5(string_agg(t::text, ';' order by t::text collate "C")), '') from {{ relation }} as t)
    {%- endcall %}
    {%- set result = load_result('seed_state') -%}
    {%- set found = result.data[0] -%}
    {{- return({'comment': found[0], 'digest': found[1], 'table': result.table}) }}
{%- endmacro %}
