with spikes as (
    select r.symbol, count(*) as spikes, max(r.session) as last_spike
    from {{ ref('suspect_returns') }} as r
    where r.is_spike and not r.explained and not r.confirmed
    group by r.symbol
),

final as (
    select
        s.symbol, s.as_of_session, 'spikes' as check_name,
        coalesce(k.spikes, 0)::double precision as value,
        false as vetoed,
        format('spikes=%s last=%s', coalesce(k.spikes, 0), coalesce(k.last_spike::text, 'none')) as detail
    from {{ ref('symbol_spans') }} as s
        left join spikes as k on k.symbol = s.symbol
)

select * from final
