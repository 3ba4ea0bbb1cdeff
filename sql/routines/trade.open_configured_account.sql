-- trade.open_configured_account(account, session): opens an account that the pinned configuration names, as it names it.
-- Why: capital and broker are the pinned file's, so that whoever runs the first cycle decides nothing; the session is that cycle's,
-- so that the same cycle on two machines starts from the same mark. True where it was opened now.
-- Called by: the cycle, as fund_decider. Raises: MQ240 where the configuration names no such account, what trade.open_account raises.
create or replace function trade.open_configured_account(p_account text, p_session date)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_parsed jsonb;
    v_named jsonb;
begin
    if exists (select 1 from trade.accounts as a where a.account = p_account) then
        return false;
    end if;
    select v.parsed into v_parsed from govern.config_versions as v where v.config_sha256 = govern.pinned_config();
    select e.value into v_named
    from jsonb_array_elements(v_parsed -> 'accounts' -> 'defaults') as e (value)
    where e.value ->> 'name' = p_account;
    if v_named is null then
        raise exception using errcode = 'MQ240', message = format('there is no account %s', p_account),
            detail = format('account=%s', p_account),
            hint = 'accounts.defaults in configs/golden_config.yaml, then python -m runner config lock';
    end if;
    return trade.open_account(
        p_account, v_named ->> 'broker', v_named ->> 'mode', v_parsed -> 'fund' ->> 'session_calendar',
        (v_named ->> 'opening_capital')::numeric, null, p_session
    );
end;
$$;
comment on function trade.open_configured_account(text, date) is
'Opens an account as the pinned configuration names it, on a session; true where it was opened now. Raises MQ240, MQ311, MQ318, MQ328.';
