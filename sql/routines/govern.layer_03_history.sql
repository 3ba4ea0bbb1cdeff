-- govern.layer_03_history(cycle, run): PASS where an ACTIVE symbol has the required distinct valid sessions, recounted, up to
-- date.
-- Why: counted by the gate itself in market.price_history (rulings F5, F6); a missing limit refuses (I17).
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_03_history(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    -- Materialized: asked once, not per row.
    with in_force as materialized (
        select govern.effective_limit('min_sessions') as sessions_min
    ),

    counted as (
        select
            l.sessions_min,
            count(i.symbol) filter (where i.valid_sessions > 0) as with_bars,
            count(i.symbol) filter (where i.valid_sessions >= l.sessions_min) as long_enough,
            count(i.symbol) filter (
                where i.valid_sessions >= l.sessions_min and not 'STALE' = any (i.governance_reasons)
            ) as fresh,
            max(i.last_session) as last_session
        from in_force as l
            left join decide.cycle_inputs as i
                on i.cycle_id = p_cycle_id and i.run = p_run and i.classified_state = 'ACTIVE'
        group by l.sessions_min
    )

    select govern.make_verdict(
        3, case when c.sessions_min is not null and c.fresh > 0 then 'PASS' else 'REFUSE' end,
        case
            when c.sessions_min is null then 'LIMIT_MISSING'
            when c.fresh > 0 then 'ENOUGH_SESSIONS'
            when c.long_enough > 0 then 'STALE_DATA'
            when c.with_bars > 0 then 'HISTORY_SHORT'
            else 'NO_BARS'
        end,
        to_jsonb(c)
    )
    from counted as c
$$;
comment on function govern.layer_03_history(text, integer) is
'Layer 3: an ACTIVE symbol has the required distinct valid sessions, recounted by the gate, up to the as-of session.';
