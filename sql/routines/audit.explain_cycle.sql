-- audit.explain_cycle(cycle, run): which cycle it was: what it was allowed to see, code, configuration, the eleven verdicts.
-- Called by: audit.explain_json. Raises: nothing; NULL for an unknown run.
create or replace function audit.explain_cycle(p_cycle_id text, p_run integer)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'cycle_id', c.cycle_id, 'run', r.run, 'account', c.account, 'mode', c.mode, 'strategy', c.strategy, 'slot', c.slot,
        'as_of_session', c.as_of_session, 'trade_session', c.trade_session, 'as_of', c.as_of, 'opened_at', r.opened_at,
        'recorded_before', r.recorded_before, 'closed_at', r.closed_at, 'state', r.state, 'layer', r.layer, 'reason', r.reason,
        'exit_code', r.exit_code, 'code_version', r.code_version, 'versions', r.versions, 'inputs_sha256', r.inputs_sha256,
        'runs', (
            select jsonb_agg(jsonb_build_object('run', o.run, 'state', o.state, 'reason', o.reason) order by o.run)
            from decide.cycle_runs as o
            where o.cycle_id = c.cycle_id
        ),
        'config', (
            select jsonb_build_object(
                'config_sha256', c.config_sha256, 'pinned_by', p.pinned_by, 'pinned_at', p.pinned_at, 'reason', p.reason
            )
            from govern.config_pins as p
            where p.config_sha256 = c.config_sha256 and p.pinned_at <= r.opened_at
            order by p.pin_id desc
            limit 1
        ),
        'verdicts', (
            select jsonb_agg(jsonb_build_object(
                'layer', g.layer, 'layer_name', l.layer_name, 'verdict', g.verdict, 'reason', g.reason_code,
                'evidence', g.evidence
            ) order by g.layer)
            from decide.gate_verdicts as g
                join govern.layers as l on l.layer = g.layer
            where g.cycle_id = r.cycle_id and g.run = r.run
        )
    )
    from decide.cycle_runs as r
        join decide.cycles as c on c.cycle_id = r.cycle_id
    where r.cycle_id = p_cycle_id and r.run = p_run
$$;
comment on function audit.explain_cycle(text, integer) is
'A run of a cycle for audit.explain_json: bounds of its knowledge, versions, configuration in force, verdicts of the layers.';
