-- govern.risk_events(state, facts, numbers): the events of the recovery protocol that are true, by the names of
-- govern.risk_transitions.
-- What: tier_three: drawdown and volatility above (B4). breach, of a ramp: VaR or volatility in tier two, drawdown above, or CVaR
-- above the hard limit (B9); *_in_breach: the same before a ramp begins, whose drawdown is then 0, the mark being re-based; an
-- unknown drawdown leaves nothing to re-base to. served: the sessions of a window or freeze are over.
-- Why: pure, and the one place that says what an event is; runner/risk/protocol.py says the same. Unknown is above (I17).
-- Called by: govern.next_phase. Raises: nothing.
create or replace function govern.risk_events(
    p_state govern.protocol_states, p_facts govern.protocol_facts, p_numbers govern.protocol_numbers
)
returns text[]
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
    with above as (
        select
            not govern.is_within(p_facts.drawdown, p_numbers.drawdown_limit) as drawdown,
            not govern.is_within(p_facts.volatility, p_numbers.volatility_multiple * p_numbers.volatility_target) as volatility,
            not govern.is_within(p_facts.var, p_numbers.var_multiple * p_numbers.var_limit) as var,
            not govern.is_within(p_facts.cvar, p_numbers.cvar_limit) as cvar
    ),

    known as (
        select
            a.drawdown,
            a.drawdown and a.volatility as tier_three,
            a.var or a.volatility or a.drawdown or a.cvar as breach,
            a.var or a.volatility or a.cvar or not govern.is_within(p_facts.drawdown, 1) as entry_breach,
            p_state.resumed is not false as resumed,
            p_state.sessions >= case p_state.phase
                when 'DRAWDOWN' then p_numbers.drawdown_sessions
                when 'FREEZE' then p_numbers.freeze_sessions
            end as served,
            p_state.tier >= p_numbers.tiers as last_tier
        from above as a
    )

    select array_agg(e.event order by e.place)
    from known as k
        cross join lateral (values
            (1, 'resumed_in_breach', k.resumed and k.entry_breach), (2, 'resumed', k.resumed), (3, 'tier_three', k.tier_three),
            (4, 'served_in_breach', k.served and k.entry_breach), (5, 'served', k.served), (6, 'drawdown', k.drawdown),
            (7, 'breach', k.breach), (8, 'ramp_over', k.last_tier and not k.breach), (9, 'clean', not k.breach),
            (10, 'otherwise', true)
        ) as e (place, event, is_true)
    where e.is_true
$$;
comment on function govern.risk_events(govern.protocol_states, govern.protocol_facts, govern.protocol_numbers) is
'The events of the recovery protocol that are true; what is unknown is above its limit (I17).';
