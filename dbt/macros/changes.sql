{#-
    One row per symbol that has rows to compute: first_n, last_n, and the row before first_n (its carried state) as `kept`.

    How a change is found. A source row's recorded_at is the running maximum over everything it depends on, so it rises with n, and
    this model's newest row keeps the one it was built from. The rows up to the last whose recorded_at is not beyond that are still
    right; whatever was added, revised, inserted before or elected anew lies after it. Walking back from the newest row costs the
    rows that changed, plus one. It relies on writers of market data being serialised (ops.locks 'market'): what is committed later
    is recorded later.
-#}
{% macro changes(source, state) %}
    select
        i.symbol, newest_source.n as last_n
        {%- if is_incremental() %}, coalesce(kept.n, 0) + 1 as first_n
        {%- for column in state %}, kept.{{ column }}{% endfor %}
        {%- else %}, 1 as first_n
        {%- for column, kind in state.items() %}, null::{{ kind }} as {{ column }}{% endfor %}
        {%- endif %}
    from {{ ref('stg_ref__instruments') }} as i
        cross join lateral (
            select s.n from {{ source }} as s where s.symbol = i.symbol order by s.n desc limit 1
        ) as newest_source
    {%- if is_incremental() %}
        left join lateral (
            select t.recorded_at from {{ this }} as t where t.symbol = i.symbol order by t.n desc limit 1
        ) as newest on true
        left join lateral (
            select s.n from {{ source }} as s
            where s.symbol = i.symbol and s.recorded_at <= newest.recorded_at
            order by s.n desc limit 1
        ) as unchanged on true
        left join {{ this }} as kept on kept.symbol = i.symbol and kept.n = unchanged.n
    where newest_source.n > coalesce(kept.n, 0)
    {%- endif %}
{% endmacro %}


{#-
    The values of columns h rows before the first rows to compute, as arrays <column>_h of a row `lag_h` beside c: one look-up of the
    key for all columns. A full refresh finds them among its own rows. columns: name -> SQL type.
-#}
{% macro lagged(relation, columns, h) -%}
    cross join lateral (
        select
            {%- for column, kind in columns.items() %}
            {% if is_incremental() -%} array_agg(l.{{ column }} order by l.n) {%- else -%} null::{{ kind }}[] {%- endif %} as {{ column }}_{{ h }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        {%- if is_incremental() %}
        from {{ relation }} as l
        where l.symbol = c.symbol and l.n between c.first_n - {{ h }} and least(c.first_n - 1, c.last_n - {{ h }})
        {%- endif %}
    ) as lag_{{ h }}
{%- endmacro %}


{#- A column of the row before the first row to compute. -#}
{% macro before(relation, column, kind='double precision') -%}
    {%- if is_incremental() -%}
    (select l.{{ column }} from {{ relation }} as l where l.symbol = c.symbol and l.n = c.first_n - 1)
    {%- else -%}
    null::{{ kind }}
    {%- endif -%}
{%- endmacro %}
