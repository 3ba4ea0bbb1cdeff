with bounds as (
    select
        n.account, n.session, n.cash, n.long_value, n.short_value, s.opens_at as since,
        (
            select min(x.opens_at) from {{ ref('stg_ref__sessions') }} as x
            where x.calendar = a.calendar and x.session > n.session
        ) as until
    from {{ ref('stg_trade__nav') }} as n
        inner join {{ ref('stg_trade__accounts') }} as a on a.account = n.account
        inner join {{ ref('stg_ref__sessions') }} as s on s.calendar = a.calendar and s.session = n.session
),

-- Our own books first: cash is the sum of its movements, the marked value that of the positions.
ledger as (
    select b.account, b.session, sum(l.amount) as ledger_cash
    from bounds as b
        inner join {{ ref('stg_trade__cash_ledger') }} as l on l.account = b.account and l.session <= b.session
    group by b.account, b.session
),

positions as (
    select m.account, m.session, count(*)::integer as position_count, sum(m.market_value) as position_value
    from {{ ref('marked_positions') }} as m
    group by m.account, m.session
),

-- Then what the broker said of his.
snapshots as (
    select
        b.account, b.session, count(*)::integer as snapshot_count,
        count(*) filter (where x.complete)::integer as complete_count, count(*) filter (where x.clean)::integer as clean_count,
        (array_agg(x.verdict order by x.snapshot_id desc))[1] as last_verdict
    from bounds as b
        inner join {{ ref('stg_trade__broker_snapshots') }} as x
            on x.account = b.account and x.taken_at >= b.since and x.taken_at < coalesce(b.until, 'infinity')
    group by b.account, b.session
),

breaks as (
    select
        b.account, b.session,
        count(*) filter (where k.raised_at >= b.since)::integer as breaks_raised,
        count(*) filter (where r.resolved_at >= b.since and r.resolved_at < coalesce(b.until, 'infinity'))::integer
            as breaks_resolved,
        count(*) filter (where r.resolved_at is null or r.resolved_at >= coalesce(b.until, 'infinity'))::integer as breaks_open
    from bounds as b
        inner join {{ ref('stg_trade__breaks') }} as k
            on k.account = b.account and k.raised_at < coalesce(b.until, 'infinity')
        left join {{ ref('stg_trade__break_resolutions') }} as r on r.break_id = k.break_id
    group by b.account, b.session
),

final as (
    select
        b.account, b.session, trim_scale(round(b.cash, 18)) as marked_cash,
        trim_scale(round(coalesce(l.ledger_cash, 0), 18)) as ledger_cash,
        trim_scale(round(b.cash - coalesce(l.ledger_cash, 0), 18)) as cash_difference,
        trim_scale(round(b.long_value + b.short_value, 18)) as marked_value,
        trim_scale(round(coalesce(p.position_value, 0), 18)) as position_value,
        trim_scale(round(b.long_value + b.short_value - coalesce(p.position_value, 0), 18)) as value_difference,
        coalesce(p.position_count, 0) as position_count, coalesce(s.snapshot_count, 0) as snapshot_count,
        coalesce(s.complete_count, 0) as complete_count, coalesce(s.clean_count, 0) as clean_count, s.last_verdict,
        coalesce(k.breaks_raised, 0) as breaks_raised, coalesce(k.breaks_resolved, 0) as breaks_resolved,
        coalesce(k.breaks_open, 0) as breaks_open
    from bounds as b
        left join ledger as l on l.account = b.account and l.session = b.session
        left join positions as p on p.account = b.account and p.session = b.session
        left join snapshots as s on s.account = b.account and s.session = b.session
        left join breaks as k on k.account = b.account and k.session = b.session
)

select * from final
