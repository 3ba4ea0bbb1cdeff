{#- A symbol's close of a session, or the last one before it, as c beside the rows joined so far: what a mark takes (F18). -#}
{% macro last_close(symbol, session) -%}
    left join lateral (
        select b.close
        from {{ ref('stg_market__price_history') }} as b
        where b.symbol = {{ symbol }} and b.session <= {{ session }}
        order by b.session desc
        limit 1
    ) as c on true
{%- endmacro %}
