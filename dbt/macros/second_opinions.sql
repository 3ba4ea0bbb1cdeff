{#-
    What every other source says of the step between two sessions, each on its own price basis: rows (price_basis, ratio).
    bar must have symbol, provider, session, session_before, as_of. Newest revisions known on the as-of instant; looked up by the
    primary key for the bars asked about, since most bars need no second opinion.
-#}
{% macro second_opinions(bar) %}
    select now.price_basis, now.close / earlier.close as ratio
    from (
            select distinct on (b.provider) b.provider, b.price_basis, b.close
            from {{ ref('stg_market__provider_bars') }} as b
            where
                b.symbol = {{ bar }}.symbol and b.session = {{ bar }}.session
                and b.provider <> {{ bar }}.provider and b.known_at <= {{ bar }}.as_of
            order by b.provider, b.revision desc
        ) as now
        inner join lateral (
            select b.close
            from {{ ref('stg_market__provider_bars') }} as b
            where
                b.symbol = {{ bar }}.symbol and b.session = {{ bar }}.session_before
                and b.provider = now.provider and b.known_at <= {{ bar }}.as_of
            order by b.revision desc
            limit 1
        ) as earlier on true
{% endmacro %}
