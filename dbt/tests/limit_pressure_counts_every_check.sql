-- What the pressure counts is every check of every concluded run, once.
with runs as (
    select distinct on (r.cycle_id) r.cycle_id, r.run
    from {{ ref('stg_decide__cycle_runs') }} as r
    where r.state in ('DONE', 'HALTED')
    order by r.cycle_id asc, (r.state = 'DONE') desc, r.run desc
),

checks as (
    select count(*) as checks, count(*) filter (where c.binding) as binding
    from {{ ref('stg_decide__risk_checks') }} as c
        inner join runs as r on r.cycle_id = c.cycle_id and r.run = c.run
),

counted as (
    select coalesce(sum(p.evaluation_count), 0) as checks, coalesce(sum(p.binding_count), 0) as binding
    from {{ ref('limit_pressure') }} as p
)

select c.checks, c.binding, p.checks as counted, p.binding as counted_binding
from checks as c
    cross join counted as p
where c.checks <> p.checks or c.binding <> p.binding
