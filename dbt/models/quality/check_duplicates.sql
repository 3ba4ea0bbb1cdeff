with batches as (
    select
        b.symbol, sum(b.rows_duplicate) as duplicates, sum(b.rows_received) as received
    from {{ ref('stg_market__ingest_batches') }} as b
    where b.state = 'DONE' and b.kind = 'bars'
    group by b.symbol
),

final as (
    select
        s.symbol, s.as_of_session, 'duplicates' as check_name,
        coalesce(b.duplicates::double precision / nullif(b.received, 0), 0) as value,
        false as vetoed,
        format('duplicate=%s received=%s', coalesce(b.duplicates, 0), coalesce(b.received, 0)) as detail
    from {{ ref('symbol_spans') }} as s
        left join batches as b on b.symbol = s.symbol
)

select * from final
