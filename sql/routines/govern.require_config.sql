-- govern.require_config(sha256, body, parsed): a configuration's bytes have the hash given, its values are a document, and its
-- accounts that are open are named as they were opened.
-- Why: an account stays as it was opened; a file that names another broker or capital for it would be believed and change
-- nothing. The capital of an account outside is what was adopted, whatever the file says.
-- Called by: govern.store_config, govern.propose_config. Raises: MQ231, MQ311.
create or replace function govern.require_config(p_sha256 text, p_body bytea, p_parsed jsonb)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sha256 constant text := encode(sha256(p_body), 'hex');
    v_account record;
begin
    if v_sha256 is distinct from p_sha256 or jsonb_typeof(p_parsed) is distinct from 'object' then
        raise exception using errcode = 'MQ231', message = 'the configuration''s bytes do not have the hash given',
            detail = format('computed=%s given=%s', v_sha256, p_sha256), hint = 'python -m runner config lock';
    end if;
    select a.account, a.broker, a.kind, a.opening_capital, e.named into v_account
    from jsonb_path_query(p_parsed, '$.accounts.defaults[*]') as e (named)
        join trade.accounts as a on a.account = e.named ->> 'name'
        join ref.brokers as k on k.broker = a.broker
    where (a.broker, a.kind) is distinct from (e.named ->> 'broker', e.named ->> 'mode')
        or not k.external and a.opening_capital is distinct from (e.named ->> 'opening_capital')::numeric
    order by a.account
    limit 1;
    if found then
        raise exception using errcode = 'MQ311', message = format('account %s was opened with other values', v_account.account),
            detail = format(
                'stored=%s %s %s named=%s', v_account.broker, v_account.kind, v_account.opening_capital, v_account.named
            ),
            hint = 'restore its line of accounts.defaults; another account takes another name';
    end if;
end;
$$;
comment on function govern.require_config(text, bytea, jsonb) is
'Refuses a configuration whose bytes have another hash than the one given, or that names an open account otherwise. '
'Raises MQ231, MQ311.';
