{#-
    materialized='view' for this project: made where what stands there is not what the model gives, which its comment says: a
    digest of the model's SQL and documentation, and one of the view as the server has it (definition, options, owner,
    privileges). A cycle names its views as before and makes none of them: dbt's own drops and makes each anew, and a session that
    only reads one holds the cycle up.
-#}
{% materialization view, adapter='postgres' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target = this.incorporate(type='view') -%}
    {%- set made_from = "Made from " ~ local_md5(tojson([sql, model.description, model.columns])) ~ ", is " -%}

    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set found = view_state(target) if existing is not none and existing.type == 'view' else none -%}
    {%- if found and not should_full_refresh() and found.comment.endswith(made_from ~ found.digest ~ '.') -%}
        {% call noop_statement('main', 'UNCHANGED', 'UNCHANGED') %}{% endcall %}
    {%- else -%}
        {{ drop_relation_if_exists(existing) }}
        {%- call statement('main') -%}
            {{ get_create_view_as_sql(target, sql) }}
        {%- endcall -%}
        {% do apply_grants(target, config.get('grants'), should_revoke=should_revoke(existing, True)) %}
        {%- call statement('documentation') -%}
            {{ documentation(target, model.description ~ ' ' ~ made_from ~ view_state(target).digest ~ '.') }}
        {%- endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}


{#-
    What a view's comment says, and a digest of the view: a hand that changed it, and a change of the privileges new relations are
    given, are both seen.
-#}
{% macro view_state(relation) -%}
    {%- call statement('view_state', fetch_result=True) %}
        select
            coalesce(obj_description(c.oid, 'pg_class'), ''),
            md5(concat_ws(
                '|', pg_get_viewdef(c.oid), c.reloptions, c.relowner, c.relacl, (
                    select string_agg(d.defaclacl::text, ';' order by d.defaclnamespace)
                    from pg_default_acl as d
                    where d.defaclrole = c.relowner and d.defaclobjtype = 'r' and d.defaclnamespace in (0, c.relnamespace)
                )
            ))
        from pg_class as c
        where c.oid = '{{ relation }}'::regclass
    {%- endcall %}
    {%- set found = load_result('view_state').data[0] -%}
    {{- return({'comment': found[0], 'digest': found[1]}) }}
{%- endmacro %}
