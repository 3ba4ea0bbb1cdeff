{{ config(materialized='table', pre_hook='{{ plan_for_sets() }}') }}

{#-
    A symbol's news as of one session. A headline weighs 0.5 ^ (age in days / half-life) / (symbols its story names): a week-old
    one half, a story about forty names a fortieth. The same headline of one symbol counts once a day (New York), from its first
    appearance, whoever repeats it. The half-life, 7 days, is of the order in which prices were seen to take up the tone of news
    (days, not months: Tetlock, Saar-Tsechansky and Macskassy 2008); the window is five of them, at whose end a headline weighs
    3 %.
-#}
with as_of as (
    select * from {{ ref('as_of') }}
),

sessions as (
    select * from {{ ref('stg_ref__sessions') }}
),

news as (
    select * from {{ ref('stg_market__news') }}
),

scores as (
    select * from {{ ref('headline_scores') }}
),

opinions as (
    select * from {{ ref('stg_market__headline_opinions') }}
),

-- The instants the last sessions were known at, 1 the as-of's: between two of them, volume_sessions apart, is one window.
recent_sessions as (
    select
        row_number() over (order by s.session desc) as sessions_back,
        s.closes_at + make_interval(mins => {{ var('provider_delay_minutes') }}) as known_until
    from sessions as s
        cross join as_of as a
    where s.calendar = '{{ var("session_calendar") }}' and s.session <= a.as_of_session
    order by s.session desc
    limit {{ var('sentiment_volume_sessions') * (var('sentiment_volume_windows') + 1) + 1 }}
),

volume_windows as (
    select
        (r.sessions_back - 1) / {{ var('sentiment_volume_sessions') }} as windows_back,
        r.known_until as ends_at,
        lead(r.known_until) over (order by r.sessions_back) as begins_after
    from recent_sessions as r
    where (r.sessions_back - 1) % {{ var('sentiment_volume_sessions') }} = 0
),

recent as (
    select
        a.as_of,
        least(
            a.as_of - make_interval(days => {{ var('sentiment_window_days') }}),
            (select min(v.begins_after) from volume_windows as v)
        ) as begins_after
    from as_of as a
),

-- Of each story the newest revision known by the as-of.
known as (
    select n.*, r.as_of, (n.published_at at time zone 'America/New_York')::date as published_on
    from recent as r
        inner join news as n on n.known_at <= r.as_of and n.published_at > r.begins_after
    where not exists (
            select from news as later
            where later.symbol = n.symbol and later.provider = n.provider and later.story = n.story
                and later.revision > n.revision and later.known_at <= r.as_of
        )
),

symbols as (
    select
        n.symbol, a.as_of_session, a.as_of,
        min(n.published_at) as first_published_at, max(n.published_at) as last_published_at,
        max(n.known_at) as known_at, max(n.recorded_at) as recorded_at
    from as_of as a
        inner join news as n on n.known_at <= a.as_of
    group by n.symbol, a.as_of_session, a.as_of
),

-- Once a day: its first appearance, and the fullest list of the names it is about.
counted as (
    select distinct on (k.symbol, k.headline_sha256, k.published_on)
        k.symbol, k.headline_sha256, k.published_at, k.as_of,
        max(n.names) over (partition by k.symbol, k.headline_sha256, k.published_on) as names
    from known as k
        cross join lateral (
            select greatest(count(distinct u.name), 1) as names from unnest(k.symbols) as u (name)
        ) as n
    order by k.symbol, k.headline_sha256, k.published_on, k.published_at, k.provider, k.story
),

volumes as (
    select
        s.symbol, v.windows_back, count(c.symbol) as headlines
    from symbols as s
        inner join volume_windows as v
            -- A window counts where the symbol's feed had begun; the last one always does.
            on v.begins_after is not null and (v.windows_back = 0 or v.begins_after >= s.first_published_at)
        left join counted as c on c.symbol = s.symbol and c.published_at > v.begins_after and c.published_at <= v.ends_at
    group by s.symbol, v.windows_back
),

volume_ratios as (
    select
        v.symbol,
        case when count(*) filter (where v.windows_back > 0) >= {{ var('sentiment_volume_windows_min') }}
            then (max(v.headlines) filter (where v.windows_back = 0))::double precision
                / nullif((avg(v.headlines) filter (where v.windows_back > 0))::double precision, 0)
        end as sentiment_volume_ratio
    from volumes as v
    group by v.symbol
),

second_opinions as (
    select distinct on (o.headline_sha256) o.headline_sha256, o.score
    from opinions as o
    order by o.headline_sha256, o.recorded_at desc, o.scorer, o.scorer_version desc
),

weighed as (
    select
        c.symbol, c.published_at, c.headline_sha256, s.tone,
        power(0.5::double precision, extract(epoch from c.as_of - c.published_at)::double precision
            / (86400 * {{ var('sentiment_half_life_days') }}::double precision)) / c.names as weight,
        -- Contradicted where both say something and not the same; a neutral word on either side contradicts nobody.
        case
            when s.tone >= {{ var('sentiment_tone_threshold') }} then o.score > -{{ var('sentiment_opinion_threshold') }}
            when s.tone <= -{{ var('sentiment_tone_threshold') }} then o.score < {{ var('sentiment_opinion_threshold') }}
            when o.score is not null then true
        end as is_agreed
    from counted as c
        inner join scores as s on s.headline_sha256 = c.headline_sha256
        left join second_opinions as o on o.headline_sha256 = c.headline_sha256
    where c.published_at > c.as_of - make_interval(days => {{ var('sentiment_window_days') }})
),

means as (
    select
        w.symbol,
        count(*) as headlines,
        sum(w.weight order by w.published_at, w.headline_sha256) as weight,
        sum(w.weight * w.tone order by w.published_at, w.headline_sha256)
        / sum(w.weight order by w.published_at, w.headline_sha256) as score,
        sum(w.weight order by w.published_at, w.headline_sha256) filter (where w.is_agreed)
        as agreed_weight,
        sum(w.weight order by w.published_at, w.headline_sha256) filter (where w.is_agreed is not null) as opinion_weight
    from weighed as w
    group by w.symbol
),

spreads as (
    select
        m.symbol,
        sqrt(
            sum(w.weight * (w.tone - m.score) * (w.tone - m.score) order by w.published_at, w.headline_sha256) / m.weight
        ) as dispersion
    from means as m
        inner join weighed as w on w.symbol = m.symbol
    where m.headlines > 1
    group by m.symbol, m.weight
),

final as (
    select
        s.symbol, s.as_of_session, s.known_at, s.recorded_at,
        case when m.score is not null then least(greatest(m.score, -1), 1) end as sentiment_score,
        coalesce(m.headlines, 0)::double precision as sentiment_headlines,
        coalesce(m.weight, 0) as sentiment_weight,
        d.dispersion as sentiment_dispersion,
        case when m.opinion_weight > 0 then least(coalesce(m.agreed_weight, 0) / m.opinion_weight, 1) end as sentiment_agreement,
        v.sentiment_volume_ratio,
        extract(epoch from s.as_of - coalesce(l.last_published_at, s.last_published_at))::double precision / 86400
        as sentiment_age_days
    from symbols as s
        left join means as m on m.symbol = s.symbol
        left join spreads as d on d.symbol = s.symbol
        left join volume_ratios as v on v.symbol = s.symbol
        -- A story a correction has dated earlier keeps no symbol young.
        left join (select c.symbol, max(c.published_at) as last_published_at from counted as c group by c.symbol) as l
            on l.symbol = s.symbol
)

select * from final
