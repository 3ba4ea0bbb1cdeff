{#-
    Whether a log return is within 2 % of a usual split or reverse split ratio (ruling F1). None is below 1.5 / 1.02, which spares
    all but a few returns the list (measured: two thirds of suspect_returns).
-#}
{% macro near_split_ratio(log_return) -%}
    (
            coalesce(abs({{ log_return }}), 0) > ln(1.47::double precision)
            and exists (
                select 1
                from (values (1.5), (2), (3), (4), (5), (6), (7), (8), (10), (15), (20), (25), (30), (50), (100)) as v (ratio)
                where abs(abs({{ log_return }}) - ln(v.ratio::double precision)) < ln(1.02::double precision)
            )
        )
{%- endmacro %}
