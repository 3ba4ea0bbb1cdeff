-- audit.explain_risk(cycle, run, symbol): the account's risk state after the run and every limit that could touch the symbol:
-- its own, its sector's, the portfolio's; a stress scenario is the portfolio's (A13).
-- Called by: audit.explain_json. Raises: nothing.
create or replace function audit.explain_risk(p_cycle_id text, p_run integer, p_symbol text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'state', (
            select to_jsonb(s) - array['cycle_id', 'run', 'account', 'as_of_session', 'slot', 'recorded_at']
            from decide.risk_states as s
            where s.cycle_id = p_cycle_id and s.run = p_run
        ),
        'checks', coalesce((
            select jsonb_agg(jsonb_build_object(
                'limit', k.limit_name, 'scope', k.scope, 'observed', k.observed, 'threshold', k.threshold, 'action', k.action,
                'factor', k.factor, 'binding', k.binding, 'reason', k.reason
            ) order by k.check_number)
            from decide.risk_checks as k
            where k.cycle_id = p_cycle_id and k.run = p_run
                and (
                    k.symbol = p_symbol or k.scope = 'portfolio' or k.scope like 'scenario:%'
                    or k.scope = 'sector:' || coalesce(d.metadata ->> 'bucket', i.sector)
                )
        ), '[]'::jsonb)
    )
    from (values (0)) as always (one)
        left join decide.cycle_inputs as i on i.cycle_id = p_cycle_id and i.run = p_run and i.symbol = p_symbol
        left join decide.decisions as d on d.cycle_id = p_cycle_id and d.run = p_run and d.symbol = p_symbol
$$;
comment on function audit.explain_risk(text, integer, text) is
'The risk state after a run and every limit evaluated for a symbol, its sector and the portfolio, passed ones too.';
