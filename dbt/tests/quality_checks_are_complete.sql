-- The index of required checks equals the results: every check_ model is in quality_checks, once for every symbol judged.
{%- set models = [] -%}
{%- if execute -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' and node.name.startswith('check_') -%}
        {%- do models.append(node.name[6:]) -%}
    {%- endfor -%}
{%- endif %}
with required as (
    select s.symbol, m.check_name
    from {{ ref('symbol_spans') }} as s
        cross join unnest(
            array[{% for name in models | sort %}'{{ name }}'{% if not loop.last %}, {% endif %}{% endfor %}]::text[]
        ) as m (check_name)
),

results as (
    select symbol, check_name, count(*) as copies from {{ ref('quality_checks') }} group by symbol, check_name
)

select coalesce(q.symbol, r.symbol) as symbol, coalesce(q.check_name, r.check_name) as check_name, r.copies
from required as q
    full join results as r on r.symbol = q.symbol and r.check_name = q.check_name
where q.symbol is null or r.copies is distinct from 1
