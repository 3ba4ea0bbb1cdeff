-- audit.explain_decision(cycle, run, symbol): the decision, and the arithmetic from views to weight as field 15 keeps it: the
-- meta-brain's figures, then bid, grant and what bound it.
-- Called by: audit.explain_json. Raises: nothing; NULL where no decision was recorded.
create or replace function audit.explain_decision(p_cycle_id text, p_run integer, p_symbol text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'final_decision', d.final_decision, 'position_size', d.position_size, 'reason_codes', d.reason_codes,
        'stop_loss', d.stop_loss, 'mu_hat', d.mu_hat, 'sigma_hat', d.sigma_hat, 'conviction', d.conviction,
        'timestamp', d."timestamp", 'recorded_at', d.recorded_at,
        'held', jsonb_build_object(
            'weight', d.metadata -> 'held_weight', 'shares', d.metadata -> 'held_shares',
            'open_shares', d.metadata -> 'open_shares'
        ),
        'meta_brain', case when d.metadata ? 'coverage' then jsonb_build_object(
            'coverage', d.metadata -> 'coverage', 'mu_mean', d.metadata -> 'mu_mean', 'penalty', d.metadata -> 'penalty',
            'variance_score', d.metadata -> 'variance_score', 'robust_z', d.metadata -> 'robust_z', 'kelly', d.metadata -> 'kelly'
        ) end,
        'auction', case when d.metadata ? 'request' then jsonb_build_object(
            'bid', d.metadata -> 'request', 'grant', d.metadata -> 'award', 'bound_by', d.metadata -> 'bound',
            'after_turnover', d.metadata -> 'after_turnover', 'after_cvar', d.metadata -> 'after_cvar',
            'limit_factor', d.metadata -> 'limit_factor', 'target', d.metadata -> 'target'
        ) end,
        'stop', jsonb_build_object('rule', d.metadata -> 'stop_rule', 'entry', d.metadata -> 'stop_entry'),
        'metadata', d.metadata
    )
    from decide.decisions as d
    where d.cycle_id = p_cycle_id and d.run = p_run and d.symbol = p_symbol
$$;
comment on function audit.explain_decision(text, integer, text) is
'A decision with its reason codes, the meta-brain''s figures, the auction''s bid and grant, and the stop.';
