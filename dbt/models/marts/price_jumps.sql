{#-
    What a step of more than a quarter is, told by evidence. Nothing decides by it: the veto is quality's (check_split_jump), and
    "unexplained" is an answer. The order of the questions is the order of the branches; what each of them asks is in _data.yml.
-#}
{%- set least = "ln(1.25::double precision)" -%}
{%- set usual_sessions = 20 -%}
{%- set undone_within = 10 -%}

with actions as materialized (
    select distinct on (c.symbol, c.ex_date, c.kind, c.provider) c.symbol, c.ex_date, c.kind, c.provider, c.factor
    from {{ ref('as_of') }} as a
        inner join {{ ref('stg_market__corporate_actions') }} as c on c.known_at <= a.as_of
    order by c.symbol, c.ex_date, c.kind, c.provider, c.revision desc
),

bars as (
    select
        h.symbol, h.session, h.provider, h.open, h.high, h.low, h.close, h.volume, a.as_of,
        row_number() over per_symbol as n,
        s.session_number - lag(s.session_number) over per_symbol - 1 as sessions_missing,
        lag(h.session) over per_symbol as session_before,
        lag(h.close) over per_symbol as close_before,
        ln(h.close / lag(h.close) over per_symbol) as log_return,
        -- An adjusted close that is the close adjusts nothing, so it is no evidence.
        case when h.adj_close > 0 and lag(h.adj_close) over per_symbol > 0 and h.adj_close <> h.close
            then ln(h.adj_close / lag(h.adj_close) over per_symbol) end as log_own_adjusted
    from {{ ref('as_of') }} as a
        inner join {{ ref('stg_market__price_history') }} as h on h.session <= a.as_of_session and h.known_at <= a.as_of
        inner join {{ ref('stg_ref__instruments') }} as i on i.symbol = h.symbol
        inner join {{ ref('stg_ref__sessions') }} as s on s.calendar = i.calendar and s.session = h.session
    window per_symbol as (partition by h.symbol order by h.session)
),

stated as (
    select
        b.symbol, b.session, sum(ln(c.factor) order by c.ex_date, c.kind desc) as log_factor,
        sum(ln(c.factor) order by c.ex_date) filter (where c.kind = 'split') as log_split
    from actions as c
        inner join bars as b
            on b.symbol = c.symbol and b.provider = c.provider and b.session_before < c.ex_date and b.session >= c.ex_date
    group by b.symbol, b.session
),

jumps as materialized (
    select b.*, s.log_factor, s.log_split
    from bars as b
        left join stated as s on s.symbol = b.symbol and s.session = b.session
    where abs(b.log_return) >= {{ least }} or b.session_before is not null and abs(s.log_split) >= {{ least }}
),

evidence as (
    select
        j.*, exp(j.log_return) as ratio, ln(j.open / j.close_before) as log_opening,
        j.volume / nullif(usual.volume, 0) as volume_multiple,
        j.volume / nullif(usual.volume, 0) * exp(j.log_return) as money_multiple,
        ln(j.high / j.low) / nullif(usual.log_range, 0) as range_multiple,
        coalesce(j.log_own_adjusted, other.log_adjusted) as log_adjusted,
        exists (
            select 1 from jumps as o
            where
                o.symbol = j.symbol and o.n <> j.n and o.n between j.n - {{ undone_within }} and j.n + {{ undone_within }}
                and abs(o.log_return + j.log_return) < {{ least }}
        ) as is_undone,
        round(abs(j.log_return) / ln(10::double precision)) as decades
    from jumps as j
        left join lateral (
            select
                percentile_cont(0.5) within group (order by h.volume) as volume,
                percentile_cont(0.5) within group (order by ln(h.high / h.low)) as log_range
            from (
                    select x.volume, x.high, x.low from {{ ref('stg_market__price_history') }} as x
                    where x.symbol = j.symbol and x.session < j.session and x.known_at <= j.as_of
                    order by x.session desc limit {{ usual_sessions }}
                ) as h
        ) as usual on true
        left join lateral (
            select avg(ln(o.ratio) order by o.ratio) filter (where o.price_basis <> 'raw') as log_adjusted
            from ({{ second_opinions('j') }}) as o
        ) as other on true
),

signed as (
    select
        e.*,
        e.decades >= 1 and abs(abs(e.log_return) - e.decades * ln(10::double precision)) < {{ least }} as is_decade,
        {{ near_split_ratio('e.log_return') }} or coalesce({{ near_split_ratio('e.log_opening') }}, false) as is_split_sized,
        {{ near_split_ratio('e.log_return - e.log_adjusted') }} as is_split_taken_out,
        coalesce(abs(e.log_opening - e.log_return) <= 0.1 * abs(e.log_return), false) as is_at_the_opening
    from evidence as e
),

final as (
    select
        s.symbol, s.session, s.session_before, s.sessions_missing, s.provider, s.close_before, s.close, s.ratio,
        case
            when abs(s.log_split) >= {{ least }} and abs(s.log_return) < abs(s.log_return + s.log_split) then 'doubly_adjusted'
            when abs(s.log_return + s.log_factor) < {{ least }} then 'stated_action'
            when s.is_decade and s.is_undone then 'scale_error'
            when abs(s.log_return - s.log_adjusted) >= {{ least }} and s.is_split_taken_out then 'unadjusted_split'
            when abs(s.log_return - s.log_adjusted) >= {{ least }} then 'spin_off'
            when abs(s.log_return - s.log_adjusted) < ln(1.02::double precision) then 'genuine_move'
            when
                s.is_split_sized and coalesce(s.money_multiple < 2, true)
                and (abs(s.log_return) < ln(8::double precision) or coalesce(s.money_multiple > 0.25, true))
                then 'unadjusted_split'
            when s.is_decade and coalesce(s.volume_multiple < 4, true) then 'scale_change'
            when
                s.log_return < 0 and s.is_at_the_opening and coalesce(s.range_multiple <= 3, false)
                and coalesce(s.money_multiple < 4, false)
                then 'spin_off'
            when s.money_multiple >= 4 then 'genuine_move'
            else 'unexplained'
        end as kind,
        exp(s.log_factor) as stated_factor, exp(s.log_adjusted) as adjusted_ratio, exp(s.log_opening) as opening_ratio,
        s.volume_multiple, s.money_multiple, s.range_multiple, s.is_undone
    from signed as s
)

select * from final
