{#- As trade.marked_positions marks, written for all sessions at once; adjustments without a session count from their instant. -#}
with sessions as (
    select
        n.account, n.session, lag(n.session) over (partition by n.account order by n.session) as session_before,
        (
            select min(s.opens_at) from {{ ref('stg_ref__sessions') }} as s
            where s.calendar = a.calendar and s.session > n.session
        ) as next_opens_at
    from {{ ref('stg_trade__nav') }} as n
        inner join {{ ref('stg_trade__accounts') }} as a on a.account = n.account
),

moves as (
    select
        f.account, f.symbol, f.session, null::timestamptz as occurred_at,
        case f.side when 'BUY' then f.quantity else -f.quantity end as quantity
    from {{ ref('stg_trade__fills') }} as f
    union all
    select j.account, j.symbol, j.session, j.occurred_at, j.quantity
    from {{ ref('stg_trade__position_adjustments') }} as j
),

held as (
    select s.account, s.session, m.symbol, sum(m.quantity) as quantity
    from sessions as s
        inner join moves as m
            on m.account = s.account
            and case when m.session is null then m.occurred_at < coalesce(s.next_opens_at, 'infinity')
                else m.session <= s.session end
    group by s.account, s.session, m.symbol
),

final as (
    select
        h.account, h.session, h.symbol, trim_scale(h.quantity) as quantity, p.session as price_session,
        trim_scale(round(p.close::numeric / coalesce(x.factor, 1), 12)) as price,
        trim_scale(round(h.quantity * (p.close::numeric / coalesce(x.factor, 1)), 18)) as market_value
    from held as h
        left join lateral (
            select b.close, b.session
            from {{ ref('stg_market__price_history') }} as b
            where b.symbol = h.symbol and b.session <= h.session
            order by b.session desc
            limit 1
        ) as p on true
        left join lateral (
            select round(exp(sum(ln(n.factor))), 12) as factor
            from (
                select distinct on (a.ex_date) a.factor
                from {{ ref('stg_trade__applied_actions') }} as a
                where a.account = h.account and a.symbol = h.symbol and a.kind = 'split' and a.session <= h.session
                    and a.ex_date > p.session and a.ex_date <= h.session
                order by a.ex_date asc, a.entry desc
            ) as n
        ) as x on true
    where h.quantity <> 0
)

select * from final
