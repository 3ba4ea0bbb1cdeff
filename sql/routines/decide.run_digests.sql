-- decide.run_digests(cycle, run): one SHA-256 per set of a run's rows, hexadecimal, for its audit event.
-- Why: the chain then vouches for every row of the run without repeating it (I22, I24). Wall instants stay out, so that the same
-- cycle gives the same digests on every machine; the run's number and account are in the event.
-- Called by: decide.close_run, replay. Raises: nothing.
create or replace function decide.run_digests(p_cycle_id text, p_run integer)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
    with lines (part, place, line) as (
        -- The name under which the chain has had it from the beginning.
        select case r.part when 'risk_states' then 'risk_state' else r.part end, r.place, r.line
        from decide.run_lines(p_cycle_id, p_run) as r

        union all
        select 'inputs', i.input, jsonb_build_object('input', i.input, 'sha256', i.sha256)
        from decide.run_inputs as i where i.cycle_id = p_cycle_id and i.run = p_run
    ),

    digests as (
        select
            l.part,
            count(*) as row_count,
            encode(sha256(convert_to(
                string_agg(l.line::text, E'\n' order by l.place collate "C"), 'UTF8'
            )), 'hex') as sha256
        from lines as l
        group by l.part
    )

    select coalesce(jsonb_object_agg(d.part, jsonb_build_object('rows', d.row_count, 'sha256', d.sha256)), '{}'::jsonb)
    from digests as d
$$;
comment on function decide.run_digests(text, integer) is
'Per set of a run''s rows their number and SHA-256: model_outputs, decisions, risk_checks, risk_state, regime_states, '
'symbol_states, inputs.';
