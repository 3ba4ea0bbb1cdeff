with checks as (
    select * from {{ ref('quality_checks') }}
),

parts as (
    select
        c.symbol, c.as_of_session,
        max(c.value) filter (where c.check_name = 'missing_sessions') as missing_fraction,
        max(c.value) filter (where c.check_name = 'duplicates') as duplicate_fraction,
        coalesce(bool_or(c.value > 0) filter (where c.check_name = 'nonpositive'), true) as has_zero_negative,
        coalesce(bool_or(c.value > 0) filter (where c.check_name = 'spikes'), true) as has_spike,
        max(c.value) filter (where c.check_name = 'provider_confidence') as provider_confidence,
        coalesce(bool_or(c.vetoed) filter (where c.check_name = 'nonpositive'), true) as veto_nonpositive,
        coalesce(bool_or(c.vetoed) filter (where c.check_name = 'ohlc'), true) as veto_ohlc,
        coalesce(bool_or(c.vetoed) filter (where c.check_name = 'missing_sessions'), true) as veto_missing_sessions,
        coalesce(bool_or(c.vetoed) filter (where c.check_name = 'staleness'), true) as veto_staleness,
        coalesce(bool_or(c.vetoed) filter (where c.check_name = 'split_jump'), true) as veto_split_jump,
        coalesce(array_agg(c.check_name order by c.check_name) filter (where c.vetoed), '{}') as vetoes
    from checks as c
    group by c.symbol, c.as_of_session
),

final as (
    select
        p.symbol, p.as_of_session,
        case when s.valid_sessions = 0 then 0::double precision else greatest(
            0::double precision,
            1::double precision - (
                p.missing_fraction * {{ var('quality_weight_missing') }}
                + p.duplicate_fraction * {{ var('quality_weight_duplicate') }}
                + p.has_zero_negative::integer * {{ var('quality_weight_zero_negative') }}
                + p.has_spike::integer * {{ var('quality_weight_spike') }}
            )
        ) end as score,
        p.missing_fraction, p.duplicate_fraction, p.has_zero_negative, p.has_spike, p.provider_confidence,
        p.veto_nonpositive, p.veto_ohlc, p.veto_missing_sessions, p.veto_staleness, p.veto_split_jump, p.vetoes
    from parts as p
        inner join {{ ref('symbol_spans') }} as s on s.symbol = p.symbol and s.as_of_session = p.as_of_session
)

select * from final
