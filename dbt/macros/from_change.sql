{#-
    How an increment enters its table: a symbol's rows from its first new row on give way to the new ones; no other row is
    touched. unique_key is [symbol, position], position being the column a symbol's rows are ordered by. One statement: a row
    whose key comes again is overwritten, one whose key does not is deleted, so both halves may run in any order. A temporary
    table between them costs more than the rows of a session (its own catalogue rows, its own toast table; measured).
-#}
{% macro from_change(target, sql, unique_key, names) %}
    {%- set position = unique_key[1] -%}
    {%- set columns = names | map('tojson') | join(', ') -%}
    with fresh as materialized (
        {{ sql }}
    ),

    gone as (
        delete from {{ target }}
        where ctid = any (array(
            select t.ctid
            from (select n.symbol, min(n.{{ position }}) as {{ position }} from fresh as n group by n.symbol) as c
                cross join lateral (
                    -- offset 0: by the key from each changed symbol, never the whole table.
                    select x.ctid, x.symbol, x.{{ position }} from {{ target }} as x
                    where x.symbol = c.symbol and x.{{ position }} >= c.{{ position }} offset 0
                ) as t
            where (t.symbol, t.{{ position }}) not in (select n.symbol, n.{{ position }} from fresh as n)
        ))
    )

    insert into {{ target }} ({{ columns }})
    select {{ columns }} from fresh
    on conflict ({{ unique_key | join(', ') }}) do update set
    {%- for name in names if name not in unique_key %}
        {{ name | tojson }} = excluded.{{ name | tojson }}{{ "," if not loop.last }}
    {%- endfor %}
{% endmacro %}
