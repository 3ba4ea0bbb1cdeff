{#-
    materialized='incremental' for this project. A full refresh is dbt's own, step by step, but for a series computed as a query
    of several processes, where dbt's own of a contract is an insert, which one process computes. An increment is one message to
    the server: dbt's own sends a dozen, and what costs is not the rows (measured, 500 symbols, one session): two look-ups of
    the columns through information_schema, a comment per relation and column that was there already, and which waits a second
    for an autovacuum at work on the table. So documentation is written when the table is made, which must have exactly the
    documented columns; an increment's insert names them, and fails where a model has lost, renamed or gained one, until
    --full-refresh. unique_key [symbol, position]: a series, whose rows give way from the first new one on. One column: rows
    that stand alone.
-#}
{% materialization incremental, adapter='postgres' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='table') -%}
    {%- set documented = model.columns.keys() | list -%}
    {%- set is_series = config.get('unique_key') is not string -%}

    {%- if existing is not none and existing.type == 'table' and not should_full_refresh() -%}
        {{ run_hooks(pre_hooks, inside_transaction=False) }}
        {{ run_hooks(pre_hooks, inside_transaction=True) }}
        {%- call statement('main') -%}
            {%- if is_series %}
            -- Alone, before the statement's snapshot is taken: else one of two runs continues from rows the other has replaced.
            lock table {{ target }} in share row exclusive mode;
            {{ plan_for_keys() }}
            {{ from_change(target, sql, config.get('unique_key'), documented) }}
            {%- else %}
            {{ upsert(target, sql, config.get('unique_key'), documented) }}
            {%- endif %}
        {%- endcall -%}
        {{ run_hooks(post_hooks, inside_transaction=True) }}
        {% do adapter.commit() %}
        {{ run_hooks(post_hooks, inside_transaction=False) }}
        {{ return({'relations': [target]}) }}
    {%- endif -%}

    {%- set fresh = make_intermediate_relation(target) -%}
    {%- set backup = make_backup_relation(target, 'table' if existing is none else existing.type) -%}
    {{ drop_relation_if_exists(load_cached_relation(fresh)) }}
    {{ drop_relation_if_exists(load_cached_relation(backup)) }}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- call statement('main') -%}
        {%- if is_series %}
        {{ plan_for_processes() }}
        {{ get_assert_columns_equivalent(sql) }}
        create table {{ fresh }} as {{ get_select_subquery(sql) }}
        {%- else %}
        {{ get_create_table_as_sql(False, fresh, sql) }}
        {%- endif %}
    {%- endcall -%}
    {%- set made = adapter.get_columns_in_relation(fresh) | map(attribute='name') | list -%}
    {%- if made | sort != documented | sort -%}
        {{ exceptions.raise_compiler_error(
            "columns of " ~ target ~ " and those its yml describes differ: " ~ made ~ ", " ~ documented
        ) }}
    {%- endif -%}
    {% do create_indexes(fresh) %}
    {%- if existing is not none -%}
        {% do adapter.rename_relation(existing, backup) %}
    {%- endif -%}
    {% do adapter.rename_relation(fresh, target) %}
    {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, True)) %}
    {% do persist_docs(target, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {%- if existing is not none -%}
        {% do adapter.drop_relation(backup) %}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{%- endmaterialization %}
