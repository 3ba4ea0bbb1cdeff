{#- The run whose decisions count: the DONE one, else the newest HALTED one (audit.concluded_runs says the same to SQL). -#}
with runs as (
    select distinct on (r.cycle_id) r.*
    from {{ ref('stg_decide__cycle_runs') }} as r
    where r.state in ('DONE', 'HALTED')
    order by r.cycle_id asc, (r.state = 'DONE') desc, r.run desc
),

decisions as (
    select d.* from {{ ref('stg_decide__decisions') }} as d
        inner join runs as r on r.cycle_id = d.cycle_id and r.run = d.run
),

agents as (
    select
        m.cycle_id, m.run, m.symbol, count(*)::integer as agents_asked,
        count(*) filter (where m.abstained)::integer as agents_abstained
    from {{ ref('stg_decide__model_outputs') }} as m
    group by m.cycle_id, m.run, m.symbol
),

limits as (
    select
        c.cycle_id, c.run, c.symbol, string_agg(distinct c.limit_name, ', ' order by c.limit_name) as binding_limits
    from {{ ref('stg_decide__risk_checks') }} as c
    where c.binding and c.symbol is not null
    group by c.cycle_id, c.run, c.symbol
),

-- A stress scenario is the whole book's (A13).
portfolio_limits as (
    select c.cycle_id, c.run, string_agg(distinct c.limit_name, ', ' order by c.limit_name) as binding_limits
    from {{ ref('stg_decide__risk_checks') }} as c
    where c.binding and (c.scope = 'portfolio' or c.scope like 'scenario:%')
    group by c.cycle_id, c.run
),

fills as (
    select
        f.client_order_id, sum(f.quantity) as filled_quantity, sum(f.quantity * f.price) as filled_value, sum(f.fee) as fees
    from {{ ref('stg_trade__fills') }} as f
    group by f.client_order_id
),

-- Only a replacement waits for an order of its own leg. It stands for what the other one had not filled; refused, for nothing:
-- then the other one is what was ordered.
wishes as (
    select
        o.client_order_id,
        case
            when e.client_order_id is not null and o.refused_by is not null then 0
            when r.client_order_id is not null then coalesce(f.filled_quantity, 0)
            else o.quantity
        end as quantity
    from {{ ref('stg_trade__orders') }} as o
        left join {{ ref('stg_trade__orders') }} as e on e.client_order_id = o.waits_for and e.leg = o.leg
        left join {{ ref('stg_trade__orders') }} as r
            on r.waits_for = o.client_order_id and r.leg = o.leg and r.refused_by is null
        left join fills as f on f.client_order_id = o.client_order_id
),

-- Protective stops and liquidations follow a position, not a decision: kept out of what the decision traded.
orders as (
    select
        o.cycle_id, o.symbol,
        count(*) filter (where o.is_decided)::integer as order_count,
        count(*) filter (where o.is_decided and o.refused_by is not null)::integer as refused_count,
        count(*) filter (where o.is_decided and o.closed_at is null)::integer as open_count,
        count(*) filter (where o.leg = 'stop')::integer as stop_count,
        string_agg(distinct o.refused_by, ', ' order by o.refused_by) filter (where o.is_decided) as refused_by,
        sum(case o.side when 'BUY' then w.quantity else -w.quantity end) filter (where o.is_decided) as ordered_quantity,
        sum(case o.side when 'BUY' then f.filled_quantity else -f.filled_quantity end)
            filter (where o.is_decided) as filled_quantity,
        sum(f.filled_value) filter (where o.is_decided) as filled_value,
        sum(f.filled_quantity) filter (where o.is_decided) as filled_shares,
        sum(f.fees) filter (where o.is_decided) as fees_usd
    from (select x.*, x.leg not in ('stop', 'liquidation') as is_decided from {{ ref('stg_trade__orders') }} as x) as o
        inner join wishes as w on w.client_order_id = o.client_order_id
        left join fills as f on f.client_order_id = o.client_order_id
    group by o.cycle_id, o.symbol
),

costs as (
    select x.cycle_id, x.symbol, sum(x.total_usd) as execution_cost_usd
    from {{ ref('execution_costs') }} as x
    where x.leg not in ('stop', 'liquidation')
    group by x.cycle_id, x.symbol
),

final as (
    select
        d.cycle_id, d.symbol, c.account, c.mode, c.strategy, c.slot, c.as_of_session, c.trade_session, c.config_sha256,
        d.run, r.state as cycle_state, r.layer as halt_layer, r.reason as cycle_reason, r.code_version, r.inputs_sha256,
        i.in_universe, i.sector, i.governance_state, i.governance_reasons,
        d.data_quality_score, d.provider_confidence, i.valid_sessions, i.last_session, i.last_close, i.price_kind,
        i.price_basis, coalesce(a.agents_asked, 0) as agents_asked, coalesce(a.agents_abstained, 0) as agents_abstained,
        d.agent_results, d.mu_hat, d.sigma_hat, d.conviction, (d.metadata ->> 'kelly')::double precision as kelly,
        (d.metadata ->> 'request')::double precision as auction_bid,
        (d.metadata ->> 'award')::double precision as auction_grant, nullif(d.metadata ->> 'bound', '') as bound_by,
        (d.metadata ->> 'after_turnover')::double precision as after_turnover,
        (d.metadata ->> 'after_cvar')::double precision as after_cvar,
        (d.metadata ->> 'limit_factor')::double precision as limit_factor,
        (d.metadata ->> 'held_weight')::double precision as held_weight, d.position_size, d.final_decision,
        (
            select string_agg(e.code, ', ' order by e.n)
            from jsonb_array_elements_text(d.reason_codes) with ordinality as e (code, n)
        ) as reason_codes,
        d.stop_loss, l.binding_limits, p.binding_limits as binding_portfolio_limits,
        coalesce(o.order_count, 0) as order_count, coalesce(o.refused_count, 0) as refused_count, o.refused_by,
        coalesce(o.stop_count, 0) as stop_count, coalesce(trim_scale(o.ordered_quantity), 0) as ordered_quantity,
        coalesce(trim_scale(o.filled_quantity), 0) as filled_quantity,
        trim_scale(round(o.filled_value / o.filled_shares, 8)) as average_fill_price,
        coalesce(trim_scale(o.fees_usd), 0) as fees_usd, trim_scale(x.execution_cost_usd) as execution_cost_usd,
        case
            when r.state = 'HALTED' then 'HALTED'
            when d.final_decision = 'REJECT' then 'REJECTED'
            when d.final_decision = 'HOLD' then 'HELD'
            when coalesce(o.order_count, 0) = 0 then 'NO_ORDER'
            when o.refused_count = o.order_count then 'ORDER_REFUSED'
            when abs(coalesce(o.filled_quantity, 0)) = abs(o.ordered_quantity) then 'TRADED'
            when o.open_count > 0 then 'WORKING'
            when coalesce(o.filled_shares, 0) > 0 then 'PARTLY_TRADED'
            else 'NOT_FILLED'
        end as outcome
    from decisions as d
        inner join runs as r on r.cycle_id = d.cycle_id and r.run = d.run
        inner join {{ ref('stg_decide__cycles') }} as c on c.cycle_id = d.cycle_id
        inner join {{ ref('stg_decide__cycle_inputs') }} as i
            on i.cycle_id = d.cycle_id and i.run = d.run and i.symbol = d.symbol
        left join agents as a on a.cycle_id = d.cycle_id and a.run = d.run and a.symbol = d.symbol
        left join limits as l on l.cycle_id = d.cycle_id and l.run = d.run and l.symbol = d.symbol
        left join portfolio_limits as p on p.cycle_id = d.cycle_id and p.run = d.run
        left join orders as o on o.cycle_id = d.cycle_id and o.symbol = d.symbol
        left join costs as x on x.cycle_id = d.cycle_id and x.symbol = d.symbol
)

select * from final
