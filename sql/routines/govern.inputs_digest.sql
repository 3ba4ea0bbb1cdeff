-- govern.inputs_digest(cycle, run): SHA-256 over the rows of decide.cycle_inputs in symbol order, hexadecimal.
-- Why: stored with the run (I18), and equal on every machine that copied the same: the cycle's id, run and account stay out, and
-- no setting changes a digit (dates in jsonb are ISO; extra_float_digits is the function's own).
-- A run from before `quality` was copied keeps its digest.
-- Called by: govern.open_gate, replay. Raises: nothing.
create or replace function govern.inputs_digest(p_cycle_id text, p_run integer)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
    select encode(sha256(convert_to(coalesce(string_agg(
        (to_jsonb(i) - array['cycle_id', 'run', 'account', case when i.quality = '{}'::jsonb then 'quality' else '' end])::text,
        E'\n' order by i.symbol collate "C"
    ), ''), 'UTF8')), 'hex')
    from decide.cycle_inputs as i
    where i.cycle_id = p_cycle_id and i.run = p_run
$$;
comment on function govern.inputs_digest(text, integer) is 'SHA-256 over a run''s inputs in symbol order, hexadecimal.';
