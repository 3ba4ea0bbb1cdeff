-- govern.make_verdict(layer, verdict, reason, evidence): a verdict with its layer's name and exit code filled in.
-- Called by: the layers. Raises: nothing.
create or replace function govern.make_verdict(p_layer integer, p_verdict text, p_reason_code text, p_evidence jsonb)
returns govern.verdict
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select row(
        l.layer, l.layer_name, p_verdict, p_reason_code, coalesce(p_evidence, '{}'::jsonb),
        case when p_verdict = 'REFUSE' and p_reason_code <> 'NOT_REACHED' then l.exit_code else 0 end
    )::govern.verdict
    from govern.layers as l
    where l.layer = p_layer
$$;
comment on function govern.make_verdict(integer, text, text, jsonb) is
'A verdict of a layer; its exit code is 0 unless the layer refuses by itself.';
