with events as (
    select
        e.client_order_id, count(*)::integer as event_count,
        min(e.occurred_at) filter (where e.to_state = 'SUBMITTED') as released_at,
        min(e.occurred_at) filter (where e.to_state = 'ACKNOWLEDGED') as acknowledged_at,
        count(*) filter (where e.to_state = 'SUBMITTED' and e.from_state = 'PENDING')::integer as release_count,
        count(*) filter (where e.event = 'cancel requested')::integer as cancel_requests,
        string_agg(distinct e.actor, ', ' order by e.actor) as actors
    from {{ ref('stg_trade__order_events') }} as e
    group by e.client_order_id
),

fills as (
    select
        f.client_order_id, count(*)::integer as fill_count, sum(f.quantity) as filled_quantity,
        sum(f.quantity * f.price) as filled_value, sum(f.fee) as fees_usd, min(f.filled_at) as first_fill_at,
        max(f.filled_at) as last_fill_at
    from {{ ref('stg_trade__fills') }} as f
    group by f.client_order_id
),

-- How much worse than its trigger a stop was filled, a share: what a gap costs.
final as (
    select
        o.client_order_id, o.account, o.cycle_id, o.run, o.symbol, o.leg, o.side, o.order_type, o.time_in_force, o.trade_session,
        trim_scale(o.quantity) as quantity, trim_scale(o.limit_price) as limit_price, trim_scale(o.stop_price) as stop_price,
        trim_scale(o.reference_price) as reference_price, o.price_basis, o.state, o.refused_by, o.unsent, o.in_doubt,
        o.waits_for, o.broker_order_id, o.config_sha256, o.placed_at, e.released_at, e.acknowledged_at, f.first_fill_at,
        f.last_fill_at, o.closed_at as ended_at,
        extract(epoch from e.released_at - o.placed_at)::double precision as seconds_to_release,
        extract(epoch from e.acknowledged_at - e.released_at)::double precision as seconds_to_acknowledge,
        extract(epoch from o.closed_at - o.placed_at)::double precision as seconds_to_end,
        coalesce(e.event_count, 0) as event_count, coalesce(e.release_count, 0) as release_count, o.post_attempt, o.lookup_count,
        coalesce(e.cancel_requests, 0) as cancel_requests, e.actors, coalesce(f.fill_count, 0) as fill_count,
        coalesce(trim_scale(f.filled_quantity), 0) as filled_quantity,
        trim_scale(round(f.filled_value / f.filled_quantity, 8)) as average_price,
        coalesce(trim_scale(f.fees_usd), 0) as fees_usd,
        case when o.stop_price is not null and f.filled_quantity > 0 then trim_scale(round(
            case o.side when 'BUY' then 1 else -1 end * (f.filled_value - f.filled_quantity * o.stop_price), 8
        )) end as stop_slippage_usd
    from {{ ref('stg_trade__orders') }} as o
        left join events as e on e.client_order_id = o.client_order_id
        left join fills as f on f.client_order_id = o.client_order_id
)

select * from final
