-- trade.connect_account(account, broker_account_id, reason): an operator says which account of a broker is meant by an account of ours.
-- What: opens the account where the pinned configuration names it and nobody has yet, and keeps the broker's id; true where that is
-- new. An id that is kept never changes: another one is another account. Nor is it another's: two of ours at one account of a
-- broker would each take its money for theirs, and the other's orders for nobody's. The lock `orders` keeps two persons from it.
-- Why: the id is what every later reading is compared with (I31); it comes from a person's first connection, never from a default.
-- Called by: `python -m runner sync --adopt`, as fund_operator. Raises: MQ240, MQ365 another id, one that is taken,
-- no id or no reason.
create or replace function trade.connect_account(p_account text, p_broker_account_id text, p_reason text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_account trade.accounts;
    v_other text;
begin
    perform 1 from ops.locks as l where l.lock_name = 'orders' for update;
    if not exists (select 1 from trade.accounts as a where a.account = p_account) then
        perform trade.open_configured_account(p_account, null);
    end if;
    select a.* into v_account from trade.accounts as a where a.account = p_account for no key update;
    if coalesce(p_broker_account_id, '') = '' or coalesce(trim(p_reason), '') = ''
        or v_account.broker_account_id <> p_broker_account_id
        or not (select b.external from ref.brokers as b where b.broker = v_account.broker) then
        raise exception using errcode = 'MQ365', message = 'an account is connected once, to one account of a broker outside, with a reason',
            detail = format('account=%s broker=%s stored=%s reported=%s', p_account, v_account.broker, v_account.broker_account_id,
                p_broker_account_id),
            hint = 'check the key in the environment; another account of the broker takes another name in accounts.defaults';
    end if;
    if v_account.broker_account_id is not null then
        return false;
    end if;
    select a.account into v_other
    from trade.accounts as a where a.broker = v_account.broker and a.broker_account_id = p_broker_account_id;
    if found then
        raise exception using errcode = 'MQ365', message = format('that account of the broker is %s here', v_other),
            detail = format('account=%s broker=%s reported=%s', p_account, v_account.broker, p_broker_account_id),
            hint = 'several strategies share it as cycles of one account: python -m runner cycle --strategy NAME; else check the key';
    end if;
    update trade.accounts as a set broker_account_id = p_broker_account_id where a.account = p_account;
    perform audit.append(jsonb_build_array(jsonb_build_object('event', 'account.connected', 'account', p_account,
        'body', jsonb_build_object('broker', v_account.broker, 'broker_account_id', p_broker_account_id, 'reason', p_reason))));
    return true;
end;
$$;
comment on function trade.connect_account(text, text, text) is
'Opens an account of the configuration and keeps which account of its broker it is; true where that is new. Raises MQ240, MQ365.';
