-- audit.explain_log(cycle, symbol): where the chain has it: the cycle's own entries and those of the symbol's orders.
-- Called by: audit.explain_json. Raises: nothing.
create or replace function audit.explain_log(p_cycle_id text, p_symbol text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(jsonb_agg(jsonb_build_object(
        'seq', l.seq, 'event', l.event, 'actor', l.actor, 'occurred_at', l.occurred_at, 'hash', encode(l.hash, 'hex')
    ) order by l.seq), '[]'::jsonb)
    from audit.audit_log as l
    where l.cycle_id = p_cycle_id
        and coalesce(convert_from(l.payload, 'UTF8')::jsonb -> 'body' ->> 'symbol', p_symbol) = p_symbol
$$;
comment on function audit.explain_log(text, text) is
'The entries of audit.audit_log about a cycle as a whole and about the orders of a symbol in it, with their hashes.';
