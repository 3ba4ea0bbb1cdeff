{#- Sources are asked only where they can know: raw bars on both sides of the ex-date, and actions stated of anything at all. -#}
with actions as materialized (
    select x.* from (
            select distinct on (c.symbol, c.ex_date, c.kind, c.provider) c.symbol, c.ex_date, c.kind, c.provider, c.factor
            from {{ ref('as_of') }} as a
                inner join {{ ref('stg_market__corporate_actions') }} as c on c.known_at <= a.as_of
            order by c.symbol, c.ex_date, c.kind, c.provider, c.revision desc
        ) as x
    where x.factor <> 1
),

speakers as (
    select p.provider from {{ ref('stg_ref__providers') }} as p
    where p.price_basis = 'raw' and exists (select 1 from actions as c where c.provider = p.provider)
),

pairs as (
    select c.*, p.provider as other_provider
    from {{ ref('as_of') }} as a
        cross join actions as c
        inner join speakers as p on p.provider <> c.provider
    where
        exists (
            select 1 from {{ ref('stg_market__provider_bars') }} as b
            where b.symbol = c.symbol and b.provider = p.provider and b.session < c.ex_date and b.known_at <= a.as_of
        )
        and exists (
            select 1 from {{ ref('stg_market__provider_bars') }} as b
            where b.symbol = c.symbol and b.provider = p.provider and b.session >= c.ex_date and b.known_at <= a.as_of
        )
),

compared as (
    select p.*, o.ex_date as other_ex_date, o.factor as other_factor
    from pairs as p
        left join lateral (
            -- The nearest of the kind within a week says that it is the same one on another date.
            select c.ex_date, c.factor from actions as c
            where
                c.symbol = p.symbol and c.kind = p.kind and c.provider = p.other_provider
                and c.ex_date between p.ex_date - 7 and p.ex_date + 7
            order by abs(c.ex_date - p.ex_date), c.ex_date
            limit 1
        ) as o on true
),

final as (
    select
        c.symbol, c.ex_date, c.kind, c.provider, c.factor, c.other_provider, c.other_ex_date, c.other_factor,
        case
            when c.other_factor is null then 'NOT_STATED'
            when abs(ln(c.other_factor / c.factor)) > {{ var('confidence_tolerance_bp') }} / 10000::double precision then 'FACTOR'
            else 'EX_DATE'
        end as disagreement
    from compared as c
    where
        c.other_factor is null or c.other_ex_date <> c.ex_date
        or abs(ln(c.other_factor / c.factor)) > {{ var('confidence_tolerance_bp') }} / 10000::double precision
)

select * from final
