{#- Eighteen decimals hold every product of a quantity and a price exactly; what is left over is shown, never spread. -#}
with marks as (
    select
        n.*, lag(n.nav) over history as nav_before, lag(n.session) over history as session_before
    from {{ ref('stg_trade__nav') }} as n
    window history as (partition by n.account order by n.session)
),

prices as (
    select m.account, m.session, m.symbol, m.price from {{ ref('marked_positions') }} as m
),

positions as (
    select m.account, m.session, sum(m.market_value) as market_value from {{ ref('marked_positions') }} as m
    group by m.account, m.session
),

-- A symbol that was closed in the session has no mark: what moved it is valued at its close, as a mark would have been.
traded as (
    select
        f.account, f.session, sum(f.signed * (f.price_at_mark - f.price)) as fills_usd,
        sum(f.signed * f.price_at_mark) as traded_value
    from (
        select
            x.account, x.session, x.price, case x.side when 'BUY' then x.quantity else -x.quantity end as signed,
            coalesce(p.price, c.close::numeric) as price_at_mark
        from {{ ref('stg_trade__fills') }} as x
            left join prices as p on p.account = x.account and p.session = x.session and p.symbol = x.symbol
            {{ last_close('x.symbol', 'x.session') }}
    ) as f
    group by f.account, f.session
),

-- What a split makes of a position is no profit: only the other adjustments bring value in.
adjusted as (
    select j.account, m.session, sum(j.quantity * coalesce(p.price, c.close::numeric)) as adjustments_usd
    from {{ ref('stg_trade__position_adjustments') }} as j
        inner join marks as m
            on m.account = j.account and m.session_before is not null
            and case when j.session is null then j.occurred_at < (
                    select min(s.opens_at) from {{ ref('stg_ref__sessions') }} as s
                        inner join {{ ref('stg_trade__accounts') }} as a on a.calendar = s.calendar
                    where a.account = j.account and s.session > m.session
                ) and j.occurred_at >= (
                    select min(s.opens_at) from {{ ref('stg_ref__sessions') }} as s
                        inner join {{ ref('stg_trade__accounts') }} as a on a.calendar = s.calendar
                    where a.account = j.account and s.session > m.session_before
                )
                else j.session > m.session_before and j.session <= m.session end
        left join prices as p on p.account = j.account and p.session = m.session and p.symbol = j.symbol
        {{ last_close('j.symbol', 'm.session') }}
        left join {{ ref('stg_trade__applied_actions') }} as x on x.adjustment_id = j.adjustment_id and x.kind = 'split'
    where x.adjustment_id is null
    group by j.account, m.session
),

cash as (
    select
        l.account, l.session,
        coalesce(sum(l.amount) filter (where l.kind = 'fee'), 0) as fees_usd,
        coalesce(sum(l.amount) filter (where l.kind = 'dividend'), 0) as dividends_usd,
        coalesce(sum(l.amount) filter (where l.kind = 'interest'), 0) as interest_usd,
        coalesce(sum(l.amount) filter (where l.kind in ('split', 'correction')), 0) as other_cash_usd
    from {{ ref('stg_trade__cash_ledger') }} as l
    group by l.account, l.session
),

parts as (
    select
        m.account, m.session, m.session_before, round(m.nav_before, 18) as nav_before, round(m.nav, 18) as nav,
        round(m.net_flow, 18) as net_flow_usd, round(m.nav, 18) - round(m.nav_before, 18) - round(m.net_flow, 18) as pnl_usd,
        round(
            coalesce(v.market_value, 0) - coalesce(b.market_value, 0) - coalesce(t.traded_value, 0)
            - coalesce(j.adjustments_usd, 0), 18
        ) as marks_usd,
        round(coalesce(t.fills_usd, 0), 18) as fills_usd, round(coalesce(c.fees_usd, 0), 18) as fees_usd,
        round(coalesce(c.dividends_usd, 0), 18) as dividends_usd, round(coalesce(c.interest_usd, 0), 18) as interest_usd,
        round(coalesce(c.other_cash_usd, 0), 18) as other_cash_usd, round(coalesce(j.adjustments_usd, 0), 18) as adjustments_usd,
        m.period_return
    from marks as m
        left join positions as v on v.account = m.account and v.session = m.session
        left join positions as b on b.account = m.account and b.session = m.session_before
        left join traded as t on t.account = m.account and t.session = m.session
        left join adjusted as j on j.account = m.account and j.session = m.session
        left join cash as c on c.account = m.account and c.session = m.session
    where m.session_before is not null
),

final as (
    select
        p.account, p.session, p.session_before, trim_scale(p.nav_before) as nav_before, trim_scale(p.nav) as nav,
        trim_scale(p.net_flow_usd) as net_flow_usd, trim_scale(p.pnl_usd) as pnl_usd, trim_scale(p.marks_usd) as marks_usd,
        trim_scale(p.fills_usd) as fills_usd, trim_scale(p.fees_usd) as fees_usd, trim_scale(p.dividends_usd) as dividends_usd,
        trim_scale(p.interest_usd) as interest_usd, trim_scale(p.other_cash_usd) as other_cash_usd,
        trim_scale(p.adjustments_usd) as adjustments_usd,
        trim_scale(
            p.pnl_usd - p.marks_usd - p.fills_usd - p.fees_usd - p.dividends_usd - p.interest_usd - p.other_cash_usd
            - p.adjustments_usd
        ) as unexplained_usd,
        p.period_return
    from parts as p
)

select * from final
