{#-
    Growth from `before` to `now` over the mean of their sizes, in [-2, 2]. A rate on the base alone has no meaning where the
    base is negative or near zero, and this one has the sign of the change for every pair: from a loss to a profit is +2, from
    zero too.
-#}
{% macro symmetric_growth(now, before) -%}
    ({{ now }} - {{ before }}) / nullif((abs({{ now }}) + abs({{ before }})) / 2, 0)
{%- endmacro %}
