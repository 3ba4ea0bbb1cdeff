with defects as (
    select u.symbol, u.session from {{ ref('unresolved_rows') }} as u
    where u.reason in ('HIGH_BELOW_LOW', 'OUTSIDE_RANGE')
    union
    select b.symbol, b.session from ({{ bars_as_of() }}) as b
    where b.price_kind = 'ohlcv' and (b.high >= b.low and b.close between b.low and b.high) is not true
),

counted as (
    select d.symbol, count(*) as defects, max(d.session) as last_defect from defects as d group by d.symbol
),

final as (
    select
        s.symbol, s.as_of_session, 'ohlc' as check_name,
        coalesce(c.defects, 0)::double precision as value,
        coalesce(c.defects, 0) > 0 as vetoed,
        format('rows=%s last=%s', coalesce(c.defects, 0), coalesce(c.last_defect::text, 'none')) as detail
    from {{ ref('symbol_spans') }} as s
        left join counted as c on c.symbol = s.symbol
)

select * from final
