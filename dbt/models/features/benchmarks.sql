{{ config(materialized='view') }}

-- Ruling C7: the benchmark flagged for the instrument's own class first; funds and indices stand for equities. Same calendar
-- only, since both returns of a pair must span the same sessions. No common table expression: no second process may read one.
select distinct on (i.symbol) i.symbol, b.symbol as benchmark
from {{ ref('stg_ref__instruments') }} as i
    inner join {{ ref('stg_ref__instruments') }} as b on b.is_benchmark and b.calendar = i.calendar
where i.asset_class = b.asset_class or i.asset_class in ('equity', 'etf', 'index') and b.asset_class in ('etf', 'index')
order by i.symbol, i.asset_class = b.asset_class desc, b.asset_class, b.symbol
