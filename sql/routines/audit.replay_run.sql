-- audit.replay_run(cycle, run): all that a replay needs of a run, as one jsonb, read in one snapshot.
-- What: config {sha256, body (base64), parsed}, rows of the gate's inputs, what else it read with the digest each has now,
-- digests now, what the audit chain said when the run was opened and closed, and the stored rows (decide.run_rows).
-- Why: a replay reads and never writes; one read is one snapshot, whatever else happens meanwhile.
-- Called by: replay as fund_analyst. Raises: nothing; a run that is not there is NULL.
create or replace function audit.replay_run(p_cycle_id text, p_run integer)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
    select jsonb_build_object(
        'key_id', decide.cycle_key_id(c.account, c.mode, c.strategy, c.as_of_session, c.slot, c.config_sha256),
        'opened', jsonb_build_object(
            'run', r.run, 'mode', c.mode, 'strategy', c.strategy, 'as_of_session', c.as_of_session, 'slot', c.slot,
            'config_sha256', c.config_sha256, 'as_of', ops.utc_text(c.as_of),
            'recorded_before', ops.utc_text(r.recorded_before), 'trade_session', c.trade_session,
            'code_version', r.code_version, 'versions', r.versions, 'inputs_sha256', r.inputs_sha256
        ),
        'config', (
            select jsonb_build_object(
                'sha256', v.config_sha256, 'body', encode(v.body, 'base64'), 'parsed', v.parsed
            )
            from govern.config_versions as v where v.config_sha256 = c.config_sha256
        ),
        'cycle_inputs', (
            select coalesce(jsonb_agg(
                to_jsonb(i) - array['cycle_id', 'run', 'account', 'classified_state', 'quality'] order by i.symbol collate "C"
            ), '[]'::jsonb)
            from decide.cycle_inputs as i where i.cycle_id = r.cycle_id and i.run = r.run
        ),
        'read', (
            select coalesce(jsonb_object_agg(i.input, jsonb_build_object(
                'content', i.content, 'sha256', i.sha256, 'now', encode(sha256(convert_to(i.content::text, 'UTF8')), 'hex')
            )), '{}'::jsonb)
            from decide.run_inputs as i where i.cycle_id = r.cycle_id and i.run = r.run
        ),
        'inputs_sha256', govern.inputs_digest(r.cycle_id, r.run),
        'digests', decide.run_digests(r.cycle_id, r.run),
        'chain', (
            select coalesce(jsonb_object_agg(
                case l.event when 'cycle.opened' then 'opened' else 'closed' end, e.payload -> 'body'
            ), '{}'::jsonb)
            from audit.audit_log as l
                cross join lateral (select convert_from(l.payload, 'UTF8')::jsonb as payload) as e
            where l.cycle_id = r.cycle_id and l.event in ('cycle.opened', 'cycle.done', 'cycle.halted')
                and (e.payload #>> '{body,run}')::integer = r.run
        ),
        'rows', decide.run_rows(r.cycle_id, r.run)
    )
    from decide.cycles as c
        join decide.cycle_runs as r on r.cycle_id = c.cycle_id
    where r.cycle_id = p_cycle_id and r.run = p_run
$$;
comment on function audit.replay_run(text, integer) is
'All that a replay needs of a run: configuration, what it read, digests then and now, and every row it stored.';
