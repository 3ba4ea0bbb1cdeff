-- trade.report_break(account, kind, symbol, subject, evidence): a worker raises a break by itself.
-- Called by: the broker worker, for what only it sees (another account's key). Returns true where it is new. Raises: MQ240.
create or replace function trade.report_break(p_account text, p_kind text, p_symbol text, p_subject text, p_evidence jsonb)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_event jsonb;
begin
    perform trade.require_account(p_account);
    perform 1 from trade.accounts as a where a.account = p_account for no key update;
    v_event := trade.raise_break(p_account, p_kind, p_symbol, p_subject, p_evidence);
    if v_event is not null then
        perform audit.append(jsonb_build_array(v_event));
    end if;
    return v_event is not null;
end;
$$;
comment on function trade.report_break(text, text, text, text, jsonb) is 'Raises a break; true where it is new. Raises MQ240.';
