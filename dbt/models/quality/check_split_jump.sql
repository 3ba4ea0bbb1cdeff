with jumps as (
    select r.symbol, count(*) as jumps, max(r.session) as last_jump
    from {{ ref('suspect_returns') }} as r
    where
        r.is_not_shown
        or r.is_split_sized and (r.is_spike or r.spike_threshold is null) and not r.explained and not r.confirmed_by_adjusted
    group by r.symbol
),

final as (
    select
        s.symbol, s.as_of_session, 'split_jump' as check_name,
        coalesce(j.jumps, 0)::double precision as value,
        coalesce(j.jumps, 0) > 0 as vetoed,
        format('jumps=%s last=%s', coalesce(j.jumps, 0), coalesce(j.last_jump::text, 'none')) as detail
    from {{ ref('symbol_spans') }} as s
        left join jumps as j on j.symbol = s.symbol
)

select * from final
