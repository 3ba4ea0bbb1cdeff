-- audit.explain(cycle, symbol): why a symbol was or was not traded in a cycle, as text to read (I24).
-- Why: for every symbol in every cycle, refused ones and halted cycles too. audit.explain_json is the same as a document.
-- Called by: analysts, `python -m runner audit explain`. Raises: MQ450, MQ451, MQ452.
create or replace function audit.explain(p_cycle text, p_symbol text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set "TimeZone" = 'UTC'
as $$
    select audit.tell_cycle(x.found) || E'\n' || audit.tell_data(x.found) || E'\n' || audit.tell_decision(x.found) || E'\n'
        || audit.tell_orders(x.found)
    from (select audit.explain_json(p_cycle, p_symbol) as found) as x
$$;
comment on function audit.explain(text, text) is
'Why a symbol was or was not traded in a cycle, as text from raw payload to fill. The cycle: its id, the beginning of one, an '
'as-of session, or "last".';
