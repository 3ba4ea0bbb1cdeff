{#- The parts are the profit, to the last digit, and the profit is what NAV and flows say. -#}
{% test pnl_adds_up(model) %}
select * from {{ model }}
where
    (
        marks_usd + fills_usd + fees_usd + dividends_usd + interest_usd + other_cash_usd + adjustments_usd
        + unexplained_usd = pnl_usd
        and nav - nav_before - net_flow_usd = pnl_usd
    ) is not true
{% endtest %}
