-- govern.make_verdict(layer, verdict, reason, evidence, exit_code): a verdict with its layer's name and exit code filled in.
-- What: a refusal for another cause than the layer's usual one brings its own exit code.
-- Called by: the layers. Raises: nothing.
create or replace function govern.make_verdict(
    p_layer integer, p_verdict text, p_reason_code text, p_evidence jsonb,
    p_exit_code integer default null
)
returns govern.verdict
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select row(
        l.layer, l.layer_name, p_verdict, p_reason_code, coalesce(p_evidence, '{}'::jsonb),
        case when p_verdict = 'REFUSE' and p_reason_code <> 'NOT_REACHED' then coalesce(p_exit_code, l.exit_code) else 0 end
    )::govern.verdict
    from govern.layers as l
    where l.layer = p_layer
$$;
comment on function govern.make_verdict(integer, text, text, jsonb, integer) is
'A verdict of a layer; its exit code is 0 unless the layer refuses by itself.';
