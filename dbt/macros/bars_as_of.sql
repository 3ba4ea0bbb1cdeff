{#-
    Rows (symbol, calendar, price_kind, price_basis, as_of_session, as_of, session, open, high, low, close, provider): the elected
    bars known on the as-of instant; with `newest` the last of each instrument, that many.
-#}
{% macro bars_as_of(newest=none) %}
    select
        i.symbol, i.calendar, i.price_kind, i.price_basis, a.as_of_session, a.as_of,
        h.session, h.open, h.high, h.low, h.close, h.provider
    from {{ ref('as_of') }} as a
    {%- if newest is none %}
        inner join {{ ref('stg_market__price_history') }} as h on h.session <= a.as_of_session and h.known_at <= a.as_of
        inner join {{ ref('stg_ref__instruments') }} as i on i.symbol = h.symbol
    {%- else %}
        cross join {{ ref('stg_ref__instruments') }} as i
        cross join lateral (
            select b.session, b.open, b.high, b.low, b.close, b.provider
            from {{ ref('stg_market__price_history') }} as b
            where b.symbol = i.symbol and b.session <= a.as_of_session and b.known_at <= a.as_of
            order by b.session desc
            limit {{ newest }}
        ) as h
    {%- endif %}
{% endmacro %}
