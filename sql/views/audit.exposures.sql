-- audit.exposures: by sector and side, the book an account held when a cycle looked, and the one its decisions lead to.
-- Why: from the decisions, which name every symbol held or wished for with both weights; a halted cycle leads to what is held.
create or replace view audit.exposures as
with weights as (
    select
        d.cycle_id, d.run, d.account, d.symbol, coalesce(d.metadata ->> 'bucket', i.sector) as sector, w.decided, w.weight
    from decide.decisions as d
        join audit.concluded_runs as f on f.cycle_id = d.cycle_id and f.run = d.run
        join decide.cycle_inputs as i on i.cycle_id = d.cycle_id and i.run = d.run and i.symbol = d.symbol
        cross join lateral (
            values (false, (d.metadata ->> 'held_weight')::double precision), (true, d.position_size)
        ) as w (decided, weight)
    where w.weight <> 0
)

select
    w.cycle_id, w.run, w.account, c.mode, c.as_of_session, c.slot, w.sector,
    case when w.weight > 0 then 'LONG' else 'SHORT' end as side,
    (count(*) filter (where not w.decided))::integer as held_symbols,
    coalesce(sum(abs(w.weight) order by w.symbol) filter (where not w.decided), 0) as held,
    (count(*) filter (where w.decided))::integer as decided_symbols,
    coalesce(sum(abs(w.weight) order by w.symbol) filter (where w.decided), 0) as decided,
    (max(s.limits #>> '{sector,threshold}'))::double precision as sector_limit
from weights as w
    join decide.cycles as c on c.cycle_id = w.cycle_id
    join decide.cycle_runs as r on r.cycle_id = w.cycle_id and r.run = w.run
    left join govern.limit_sets as s on s.limits_sha256 = r.limits_sha256
group by w.cycle_id, w.run, w.account, c.mode, c.as_of_session, c.slot, w.sector, w.weight > 0;
comment on view audit.exposures is 'One row per cycle, sector and side with weight in the book held or decided.';
comment on column audit.exposures.cycle_id is 'Cycle.';
comment on column audit.exposures.run is 'Run of the cycle.';
comment on column audit.exposures.account is 'Account.';
comment on column audit.exposures.mode is 'paper, live or shadow.';
comment on column audit.exposures.as_of_session is 'Last session it could see.';
comment on column audit.exposures.slot is 'Slot of the cycle.';
comment on column audit.exposures.sector is 'Sector as its limit counts it: a broad index fund is a bucket of its own (A2).';
comment on column audit.exposures.side is 'LONG or SHORT.';
comment on column audit.exposures.held_symbols is 'Symbols held.';
comment on column audit.exposures.held is 'Their weight when the cycle looked, positive, fraction of NAV.';
comment on column audit.exposures.decided_symbols is 'Symbols decided for.';
comment on column audit.exposures.decided is 'Their target weight, positive, fraction of NAV; HOLD and REJECT: what is held.';
comment on column audit.exposures.sector_limit is 'Limit on both sides of the sector together (A2).';
