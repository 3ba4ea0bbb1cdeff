-- govern.next_phase(state, facts, slot, numbers): the step of the recovery protocol (A6, B4, B6, B9-B11).
-- What: the row of govern.risk_transitions of lowest precedence whose event is true, and the count of CVaR breaches: one more
-- above, 0 within, as it was where CVaR is unknown (B6), moved by the slot close alone; 0 before that where trading was resumed.
-- Why: a pure function of its arguments and the table, so that any client's claim can be recomputed, and runner/risk/protocol.py
-- be driven beside it.
-- Called by: decide.protocol_step. Raises: nothing; a state that is no phase has no step (NULL).
create or replace function govern.next_phase(
    p_state govern.protocol_states, p_facts govern.protocol_facts, p_slot text, p_numbers govern.protocol_numbers
)
returns govern.protocol_steps
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select row(
        t.event, t.to_phase, case when t.begins then 0 else p_state.sessions end,
        case t.tier_rule when 'none' then 0 when 'first' then 1 when 'next' then p_state.tier + 1 else p_state.tier end,
        case
            when p_slot is distinct from 'close' then b.cvar_breaches
            when govern.is_within(p_facts.cvar, p_numbers.cvar_limit) then 0
            when p_facts.cvar > '-Infinity' and p_facts.cvar < 'Infinity' then b.cvar_breaches + 1
            else b.cvar_breaches
        end,
        t.rebases
    )::govern.protocol_steps
    from govern.risk_transitions as t
        cross join (select case when p_state.resumed is not false then 0 else p_state.cvar_breaches end as cvar_breaches) as b
    where t.from_phase = p_state.phase and (not t.close_only or p_slot = 'close')
        and t.event = any (govern.risk_events(p_state, p_facts, p_numbers))
    order by t.precedence
    limit 1
$$;
comment on function govern.next_phase(govern.protocol_states, govern.protocol_facts, text, govern.protocol_numbers) is
'The step of the recovery protocol from a state on some facts, by govern.risk_transitions; NULL from no phase.';
