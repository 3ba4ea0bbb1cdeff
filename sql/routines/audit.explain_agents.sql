-- audit.explain_agents(cycle, run, symbol): each agent's view or abstention, with the weight the meta-brain gave it.
-- Called by: audit.explain_json. Raises: nothing; an empty array where no agent was asked.
create or replace function audit.explain_agents(p_cycle_id text, p_run integer, p_symbol text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'agent', m.agent, 'family', m.family, 'abstained', m.abstained, 'score', m.score, 'mu', m.mu, 'sigma', m.sigma,
        'confidence', m.confidence, 'weight', d.agent_results -> m.agent -> 'weight', 'reasons', m.reasons
    ) order by m.agent collate "C"), '[]'::jsonb)
    from decide.model_outputs as m
        left join decide.decisions as d on d.cycle_id = m.cycle_id and d.run = m.run and d.symbol = m.symbol
    where m.cycle_id = p_cycle_id and m.run = p_run and m.symbol = p_symbol
$$;
comment on function audit.explain_agents(text, integer, text) is
'Each agent''s view or abstention of a symbol in a run, its reasons, and its weight in the ensemble (ruling W).';
