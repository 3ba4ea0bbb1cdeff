-- One row for every input of every concluded cycle: no symbol's why-not is missing from the trail.
select i.cycle_id, i.symbol
from {{ ref('stg_decide__cycle_inputs') }} as i
    inner join {{ ref('stg_decide__cycle_runs') }} as r on r.cycle_id = i.cycle_id and r.run = i.run
    left join {{ ref('decision_trail') }} as t on t.cycle_id = i.cycle_id and t.symbol = i.symbol
where r.state = 'DONE' and t.symbol is null
