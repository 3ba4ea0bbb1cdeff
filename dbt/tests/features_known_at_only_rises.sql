-- A row's known_at and recorded_at are running maxima: the gate relies on the one, change detection on the other.
select f.symbol, f.session
from (
        select
            x.symbol, x.session, x.known_at, x.recorded_at,
            lag(x.known_at) over w as known_before, lag(x.recorded_at) over w as recorded_before
        from {{ ref('features') }} as x
        window w as (partition by x.symbol order by x.session)
    ) as f
where f.known_at < f.known_before or f.recorded_at < f.recorded_before
