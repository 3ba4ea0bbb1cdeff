with defects as (
    select u.symbol, u.session from {{ ref('unresolved_rows') }} as u
    where u.reason in ('NON_POSITIVE', 'NON_FINITE', 'ABSURD_PRICE')
    union
    select b.symbol, b.session from ({{ bars_as_of() }}) as b
    where
        not (b.close > 0 and b.close < 'Infinity')
        or b.price_kind = 'ohlcv' and (b.open > 0 and b.low > 0 and b.open < 'Infinity' and b.high < 'Infinity') is not true
),

counted as (
    select d.symbol, count(*) as defects, max(d.session) as last_defect from defects as d group by d.symbol
),

final as (
    select
        s.symbol, s.as_of_session, 'nonpositive' as check_name,
        coalesce(c.defects, 0)::double precision as value,
        coalesce(c.defects, 0) > 0 as vetoed,
        format('rows=%s last=%s', coalesce(c.defects, 0), coalesce(c.last_defect::text, 'none')) as detail
    from {{ ref('symbol_spans') }} as s
        left join counted as c on c.symbol = s.symbol
)

select * from final
