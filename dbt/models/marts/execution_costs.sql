{#- Prices to eight decimals and quantities to four make every product exact in twelve: the parts add up to the last digit.
    trim_scale, because dbt compares the rows of a unit test as text. -#}
with executions as (
    select
        client_order_id,
        count(*)::integer as execution_count,
        sum(quantity) as filled_quantity,
        sum(quantity * price) as filled_value,
        sum(fee) as fees
    from {{ ref('stg_trade__fills') }}
    group by client_order_id
),

orders as (
    -- Neither what was refused here nor what may still fill has a cost yet. A protective stop that filled nothing was never
    -- triggered: no trade was wished for and missed, and what the price did is the position's profit or loss. Only a replacement
    -- waits for an order of its own leg: the wish for what the other one had not filled is the replacement's (decision_trail).
    select o.*, case when r.client_order_id is null then o.quantity else e.filled_quantity end as wished_quantity
    from {{ ref('stg_trade__orders') }} as o
        left join executions as e on e.client_order_id = o.client_order_id
        left join {{ ref('stg_trade__orders') }} as r
            on r.waits_for = o.client_order_id and r.leg = o.leg and r.refused_by is null
    where
        o.closed_at is not null and o.refused_by is null and o.reference_price is not null
        and ((o.leg <> 'stop' and r.client_order_id is null) or e.execution_count > 0)
),

ends as (
    select client_order_id, max(coalesce(broker_at, occurred_at)) as ended_at
    from {{ ref('stg_trade__order_events') }}
    where to_state in ('FILLED', 'CANCELLED', 'REJECTED', 'EXPIRED') and from_state is distinct from to_state
    group by client_order_id
),

spans as (
    select
        o.*, c.as_of_session, i.calendar, s.opens_at,
        least(coalesce(e.ended_at, o.closed_at), case when o.time_in_force <> 'GTC' then s.closes_at end) as ended_at,
        -- Prices from a split on are of other shares than the decision's.
        coalesce((
            select min(a.ex_date)
            from {{ ref('stg_market__corporate_actions') }} as a
            where i.price_basis = 'raw' and a.symbol = o.symbol and a.kind = 'split' and a.factor <> 1
                and a.ex_date > c.as_of_session
        ), 'infinity') as rebased_on
    from orders as o
        inner join {{ ref('stg_decide__cycles') }} as c on c.cycle_id = o.cycle_id
        inner join {{ ref('stg_ref__instruments') }} as i on i.symbol = o.symbol
        inner join {{ ref('stg_ref__sessions') }} as s on s.calendar = i.calendar and s.session = o.trade_session
        left join ends as e on e.client_order_id = o.client_order_id
),

priced as (
    select
        s.*,
        case s.side when 'BUY' then 1 else -1 end as sign,
        round(s.reference_price, 8) as decision_price,
        case when arrival.open is null or s.submitted_at > s.opens_at then arrival.close else arrival.open end as arrival,
        coalesce(final.close, s.reference_price) as final
    from spans as s
        left join {{ ref('stg_market__price_history') }} as arrival
            on arrival.symbol = s.symbol and arrival.session = s.trade_session and s.trade_session < s.rebased_on
        left join lateral (
            select b.close::numeric as close
            from {{ ref('stg_market__price_history') }} as b
                inner join {{ ref('stg_ref__sessions') }} as x on x.calendar = s.calendar and x.session = b.session
            where b.symbol = s.symbol and b.session > s.as_of_session and b.session < s.rebased_on and x.closes_at <= s.ended_at
            order by b.session desc
            limit 1
        ) as final on true
),

measured as (
    select
        p.*,
        p.arrival is not null as arrival_known,
        round(coalesce(p.arrival::numeric, p.decision_price), 8) as arrival_price,
        round(p.final, 8) as end_price,
        coalesce(e.execution_count, 0) as execution_count,
        coalesce(e.filled_quantity, 0) as filled_quantity,
        coalesce(e.filled_value, 0) as filled_value,
        coalesce(e.fees, 0) as fees
    from priced as p
        left join executions as e on e.client_order_id = p.client_order_id
),

costs as (
    select
        m.*,
        m.wished_quantity * m.decision_price as decision_value,
        m.sign * m.filled_quantity * (m.arrival_price - m.decision_price) as delay_usd,
        round(m.filled_quantity * m.arrival_price * {{ var('half_spread_bp') }} / 10000, 12) as spread_usd,
        m.sign * (m.filled_value - m.filled_quantity * m.arrival_price) as fill_usd,
        m.sign * (m.wished_quantity - m.filled_quantity) * (m.end_price - m.decision_price) as opportunity_usd,
        -- By its definition (Perold 1988), not as the sum of its parts: what became of the wish against its decision value.
        m.fees + m.sign * (
            m.filled_value + (m.wished_quantity - m.filled_quantity) * m.end_price - m.wished_quantity * m.decision_price
        ) as total_usd
    from measured as m
),

parts as (
    select c.*, c.fill_usd - c.spread_usd as impact_usd, c.fees as fees_usd from costs as c
),

final as (
    select
        client_order_id, account, cycle_id, run, symbol, leg, side, order_type, time_in_force, trade_session, state,
        trim_scale(wished_quantity) as quantity,
        trim_scale(filled_quantity) as filled_quantity,
        execution_count,
        trim_scale(decision_price) as decision_price,
        trim_scale(arrival_price) as arrival_price,
        arrival_known,
        trim_scale(round(filled_value / nullif(filled_quantity, 0), 8)) as average_fill_price,
        trim_scale(end_price) as end_price,
        trim_scale(decision_value) as decision_value,
        trim_scale(filled_value) as filled_value,
        {%- for part in ['delay', 'spread', 'impact', 'fees', 'opportunity', 'total'] %}
        trim_scale({{ part }}_usd) as {{ part }}_usd,
        {%- endfor %}
        {%- for part in ['delay', 'spread', 'impact', 'fees', 'opportunity', 'total'] %}
        trim_scale(round({{ part }}_usd / decision_value * 10000, 6)) as {{ part }}_bp{{ ',' if not loop.last }}
        {%- endfor %}
    from parts
)

select * from final
