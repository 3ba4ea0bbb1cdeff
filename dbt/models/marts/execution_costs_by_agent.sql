{%- set parts = ['delay', 'spread', 'impact', 'fees', 'opportunity', 'total'] -%}
with weights as (
    -- A stop and a liquidation follow a rule, not a view.
    select
        o.client_order_id, v.agent, v.weight / sum(v.weight) over (partition by o.client_order_id) as share
    from {{ ref('execution_costs') }} as o
        inner join {{ ref('stg_decide__decisions') }} as d on d.cycle_id = o.cycle_id and d.run = o.run and d.symbol = o.symbol
        cross join lateral (
            select r.key as agent, (r.value ->> 'weight')::numeric as weight from jsonb_each(d.agent_results) as r
        ) as v
    where v.weight > 0 and o.leg not in ('stop', 'liquidation')
),

shares as (
    select
        o.account, coalesce(w.agent, 'none') as agent, o.client_order_id,
        round(o.decision_value * coalesce(w.share, 1), 12) as decision_value,
        round(o.filled_value * coalesce(w.share, 1), 12) as filled_value,
        {%- for part in parts %}
        round(o.{{ part }}_usd * coalesce(w.share, 1), 12) as {{ part }}_usd{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('execution_costs') }} as o
        left join weights as w on w.client_order_id = o.client_order_id
),

final as (
    select
        account,
        agent,
        count(*)::integer as order_count,
        trim_scale(sum(decision_value)) as decision_value,
        trim_scale(sum(filled_value)) as filled_value,
        {%- for part in parts %}
        trim_scale(sum({{ part }}_usd)) as {{ part }}_usd,
        {%- endfor %}
        {%- for part in parts %}
        trim_scale(round(sum({{ part }}_usd) / sum(decision_value) * 10000, 6)) as {{ part }}_bp{{ ',' if not loop.last }}
        {%- endfor %}
    from shares
    group by account, agent
)

select * from final
