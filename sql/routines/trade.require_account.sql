-- trade.require_account(account): the account's row, which must exist.
-- Called by: routines that take an account. Raises: MQ240.
create or replace function trade.require_account(p_account text)
returns trade.accounts
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_account trade.accounts;
begin
    select a.* into v_account from trade.accounts as a where a.account = p_account;
    if not found then
        raise exception using errcode = 'MQ240', message = 'the account does not exist',
            detail = format('account=%s', p_account), hint = 'select account from trade.accounts; an operator opens one: trade.open_account';
    end if;
    return v_account;
end;
$$;
comment on function trade.require_account(text) is 'The row of an account. Raises MQ240.';
