-- audit.explain_arithmetic(cycle, run, symbol): the steps from the agents' views to the target weight, each with its formula in
-- numbers, the figure that was stored and the same figure computed here anew from what the steps before stored.
-- Why: the arithmetic is Python's; an analyst sees it add up, or where it does not, without it (rulings W, D6, D7b, S, D1, A15).
-- A step nobody can redo from one symbol's rows (the auction sees all bids) has no recomputed figure, and says what bound.
-- Called by: audit.explain_json. Raises: nothing; NULL for a symbol that was refused before signals.
create or replace function audit.explain_arithmetic(p_cycle_id text, p_run integer, p_symbol text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with decided as (
        select
            d.mu_hat, d.sigma_hat, d.conviction, d.agent_results, m.*,
            m.after_cvar * m.limit_factor * m.soft_factor as scaled
        from decide.decisions as d
            cross join lateral jsonb_to_record(d.metadata) as m (
                coverage double precision, mu_mean double precision, variance_score double precision, penalty double precision,
                kelly double precision, disagreement_beta double precision, kelly_gamma double precision, validation text,
                request double precision, award double precision, bound text, after_turnover double precision,
                after_cvar double precision, limit_factor double precision, soft_factor double precision,
                target double precision, held_weight double precision, scale_rule text, coverage_counts boolean
            )
        where d.cycle_id = p_cycle_id and d.run = p_run and d.symbol = p_symbol and d.metadata ? 'coverage'
    ),

    heard as (
        select
            coalesce(sum(h.weight * m.mu order by m.agent collate "C"), 0) as mu_mean,
            coalesce(sum(h.weight * m.score order by m.agent collate "C"), 0) as score_mean,
            coalesce(sum(h.weight * m.score * m.score order by m.agent collate "C"), 0) as score_square,
            coalesce(string_agg(
                audit.show_value(to_jsonb(h.weight)) || ' x ' || audit.show_value(to_jsonb(m.mu)) || ' ' || m.agent, ' + '
                order by m.agent collate "C"
            ), 'no agent was heard') as terms
        from decided as d
            cross join decide.model_outputs as m
            cross join lateral (select (d.agent_results -> m.agent ->> 'weight')::double precision as weight) as h
        where m.cycle_id = p_cycle_id and m.run = p_run and m.symbol = p_symbol and h.weight > 0
    ),

    steps as (
        select s.*
        from decided as d
            cross join heard as h
            cross join lateral (values
                (1, 'consensus', h.terms, d.mu_mean, h.mu_mean),
                (2, 'disagreement', 'variance of the scores heard', d.variance_score, h.score_square - h.score_mean ^ 2),
                (3, 'penalty', format('exp(-%s x %s)', d.disagreement_beta, audit.show_value(to_jsonb(d.variance_score))),
                    d.penalty, exp(-d.disagreement_beta * d.variance_score)),
                (4, 'expected return', 'consensus x coverage ' || audit.show_value(to_jsonb(d.coverage)) || ' x penalty',
                    d.mu_hat, d.mu_mean * case when d.coverage_counts then d.coverage else 1 end * d.penalty),
                (5, 'conviction', 'expected return / volatility ' || audit.show_value(to_jsonb(d.sigma_hat)),
                    d.conviction, d.mu_hat / d.sigma_hat),
                (6, 'risk agent', d.validation, null, null),
                (7, 'portfolio agent', format('Kelly, %s x expected return / volatility^2', d.kelly_gamma),
                    d.kelly, d.kelly_gamma * d.mu_hat / d.sigma_hat / d.sigma_hat),
                (8, 'bid', 'what of the wish may be asked for', d.request, null),
                (9, 'grant', 'bound by ' || coalesce(nullif(d.bound, ''), 'nothing'), d.award, null),
                (10, 'after turnover', 'overlays, clamps, dust, the day''s turnover', d.after_turnover, null),
                (11, 'after CVaR', 'what the trades before it leave', d.after_cvar, null),
                (12, 'final weight', format('after CVaR x limits %s x soft %s; %s',
                        audit.show_value(to_jsonb(d.limit_factor)), audit.show_value(to_jsonb(d.soft_factor)), d.scale_rule),
                    d.target, case d.scale_rule
                        when 'SCALED' then d.scaled
                        when 'REDUCE_ONLY' then case when d.held_weight * d.scaled > 0
                            then sign(d.held_weight) * least(abs(d.held_weight), abs(d.scaled)) else 0 end
                        else d.held_weight
                    end)
            ) as s (position, step, formula, stored, recomputed)
    )

    select jsonb_agg(jsonb_build_object(
        'step', s.step, 'formula', s.formula, 'stored', s.stored, 'recomputed', s.recomputed,
        'adds_up', abs(s.stored - s.recomputed) <= 1e-12 * greatest(1, abs(s.stored))
    ) order by s.position)
    from steps as s
$$;
comment on function audit.explain_arithmetic(text, integer, text) is
'Steps from the agents'' views to the target weight: [{step, formula, stored, recomputed, adds_up}]; NULL before signals.';
