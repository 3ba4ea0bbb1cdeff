-- govern.layer_05_signal_validation(cycle, run): PASS where at least one symbol has a valid agent (rulings D12, W).
-- Valid: confidence at or above the limit in force, which a view that abstained has not; a missing limit refuses (I17).
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_05_signal_validation(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    -- Materialized: asked once, not per row.
    with in_force as materialized (
        select govern.effective_limit('min_confidence') as confidence_min
    ),

    heard as (
        select
            l.confidence_min,
            count(o.symbol) as views,
            count(o.symbol) filter (where o.abstained) as abstained,
            count(distinct o.symbol) filter (where o.confidence >= l.confidence_min) as symbols_valid
        from in_force as l
            left join decide.model_outputs as o on o.cycle_id = p_cycle_id and o.run = p_run
        group by l.confidence_min
    )

    select govern.make_verdict(
        5, case when h.confidence_min is not null and h.symbols_valid > 0 then 'PASS' else 'REFUSE' end,
        case
            when h.confidence_min is null then 'LIMIT_MISSING'
            when h.symbols_valid > 0 then 'VALID_AGENT'
            else 'NO_VALID_AGENT'
        end,
        to_jsonb(h)
    )
    from heard as h
$$;
comment on function govern.layer_05_signal_validation(text, integer) is
'Layer 5: at least one symbol has a view that did not abstain, at or above the required confidence.';
