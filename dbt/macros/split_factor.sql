{#-
    The product of a symbol's split factors with an ex-date after `since` and up to `until`, dates: what a share count of a filing
    of that day is multiplied by. calc.price_factors multiplies in ruling F9's order; the source is the same throughout, so any
    name does.
-#}
{% macro split_factor(symbol, since, until) -%}
    coalesce((
            select (calc.price_factors(
                {{ since }}, 1.0::double precision, array[{{ until }}], array['elected'],
                array_agg(x.ex_date order by x.ex_date), array_agg('elected'::text),
                array_agg(x.factor order by x.ex_date)
            ))[1]
            from splits as x
            where x.symbol = {{ symbol }} and x.ex_date > {{ since }} and x.ex_date <= {{ until }}
        ), 1)
{%- endmacro %}
