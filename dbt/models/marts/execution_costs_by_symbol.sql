{%- set parts = ['delay', 'spread', 'impact', 'fees', 'opportunity', 'total'] -%}
with final as (
    select
        account,
        symbol,
        count(*)::integer as order_count,
        sum(execution_count)::integer as execution_count,
        trim_scale(sum(decision_value)) as decision_value,
        trim_scale(sum(filled_value)) as filled_value,
        {%- for part in parts %}
        trim_scale(sum({{ part }}_usd)) as {{ part }}_usd,
        {%- endfor %}
        {%- for part in parts %}
        trim_scale(round(sum({{ part }}_usd) / sum(decision_value) * 10000, 6)) as {{ part }}_bp{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('execution_costs') }}
    group by account, symbol
)

select * from final
