{#- Neither NaN nor infinite in any of the columns; null where it may be is another test's question. -#}
{% test finite(model, columns) %}
select * from {{ model }}
where
    {% for column in columns -%}
    not ({{ column }} > '-Infinity' and {{ column }} < 'Infinity')
    {%- if not loop.last %} or {% endif %}
    {% endfor %}
{% endtest %}
