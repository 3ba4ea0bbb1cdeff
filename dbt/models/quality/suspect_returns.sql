with bars as (
    -- The newest that can be suspects, and what their thresholds look back at.
    {{ bars_as_of(var('required_history_sessions') + var('spike_window_sessions') + 1) }}
),

returns as (
    select
        b.symbol, b.as_of_session, b.as_of, b.session, b.provider, b.price_basis,
        lag(b.session) over per_symbol as session_before,
        ln(b.close / lag(b.close) over per_symbol) as log_return, ln(b.open / lag(b.close) over per_symbol) as log_opening
    from bars as b
    window per_symbol as (partition by b.symbol order by b.session)
),

actions as materialized (
    select distinct on (c.symbol, c.ex_date, c.kind, c.provider)
        c.symbol, c.ex_date, c.kind, c.provider, c.factor
    from {{ ref('as_of') }} as a
        inner join {{ ref('stg_market__corporate_actions') }} as c on c.known_at <= a.as_of
    order by c.symbol, c.ex_date, c.kind, c.provider, c.revision desc
),

stated as (
    -- What the elected source says a split did between two of its bars.
    select r.symbol, r.session, sum(ln(c.factor) order by c.ex_date) as log_factor
    from actions as c
        inner join returns as r
            on r.symbol = c.symbol and r.provider = c.provider and r.session_before < c.ex_date and r.session >= c.ex_date
    where c.kind = 'split'
    group by r.symbol, r.session
),

running as (
    select
        r.*,
        sum(abs(r.log_return)) over per_symbol as magnitude_sum,
        row_number() over per_symbol as n,
        count(*) over (partition by r.symbol) - row_number() over per_symbol as bars_after
    from returns as r
    window per_symbol as (partition by r.symbol order by r.session)
),

scaled as (
    -- The mean magnitude of the sessions before; null until there are as many as the ruling asks for.
    select
        r.*,
        case when r.n > {{ var('spike_window_sessions') }} + 1 then greatest(
            0::double precision,
            lag(r.magnitude_sum) over per_symbol
            - coalesce(lag(r.magnitude_sum, {{ var('spike_window_sessions') }} + 1) over per_symbol, 0::double precision)
        ) / {{ var('spike_window_sessions') }} end as mean_magnitude
    from running as r
    window per_symbol as (partition by r.symbol order by r.session)
),

judged as (
    select
        s.*,
        {{ var('spike_multiple') }}::double precision * s.mean_magnitude as spike_threshold,
        coalesce(abs(s.log_return) > {{ var('spike_multiple') }}::double precision * s.mean_magnitude, false) as is_spike,
        -- The opening too: by the close a day's own move has hidden two of the three splits of AAPL and MSFT since 2000.
        {{ near_split_ratio('s.log_return') }} or {{ near_split_ratio('s.log_opening') }} as is_split_sized,
        -- The price is nearer to not showing the stated split than to showing it: with the factor the series would jump.
        coalesce(
            abs(s.log_return) < abs(s.log_return + t.log_factor)
            and abs(s.log_return + t.log_factor)
            > coalesce({{ var('spike_multiple') }}::double precision * s.mean_magnitude, ln(1.1::double precision)),
            false
        ) as is_not_shown
    from scaled as s
        left join stated as t on t.symbol = s.symbol and t.session = s.session
),

suspects as materialized (
    -- No stage reads further back (ruling F7); a crash of twenty years ago is no defect of today's numbers.
    select j.* from judged as j
    where (j.is_spike or j.is_split_sized or j.is_not_shown) and j.bars_after < {{ var('required_history_sessions') }}
),

final as (
    select
        s.symbol, s.as_of_session, s.session, s.log_return, s.spike_threshold, s.is_spike, s.is_split_sized, s.is_not_shown,
        coalesce(action.explained, false) as explained,
        coalesce(opinion.confirmed, false) as confirmed,
        coalesce(opinion.confirmed_by_adjusted, false) as confirmed_by_adjusted
    from suspects as s
        left join lateral (
            -- What is left of the jump once the actions of that date are taken out is no spike. Only the elected source's count,
            -- as in the series (F9): what another one states leaves the jump where it is.
            select
                bool_or(abs(s.log_return + x.log_factor) <= coalesce(s.spike_threshold, ln(1.1::double precision))) as explained
            from (
                    select sum(ln(c.factor) order by c.kind desc) as log_factor from actions as c
                    where
                        c.symbol = s.symbol and c.provider = s.provider
                        and c.ex_date > s.session_before and c.ex_date <= s.session
                    group by c.provider
                ) as x
        ) as action on true
        left join lateral (
            -- Every other source on its own basis; one that shows raw prices cannot tell a split from a fall.
            select
                bool_or(o.difference <= {{ var('confidence_tolerance_bp') }} / 10000::double precision) as confirmed,
                bool_or(
                    o.difference <= {{ var('confidence_tolerance_bp') }} / 10000::double precision and o.price_basis <> 'raw'
                ) as confirmed_by_adjusted
            from (
                    select n.price_basis, abs(exp(s.log_return) - n.ratio) as difference
                    from ({{ second_opinions('s') }}) as n
                ) as o
        ) as opinion on true
)

select * from final
