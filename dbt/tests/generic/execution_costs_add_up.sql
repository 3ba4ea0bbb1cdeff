{#- The parts are the whole, to the last digit; of a share of an order to a cent. -#}
{% test execution_costs_add_up(model, tolerance_usd=0) %}
select * from {{ model }}
where abs(delay_usd + spread_usd + impact_usd + fees_usd + opportunity_usd - total_usd) > {{ tolerance_usd }}
{% endtest %}
