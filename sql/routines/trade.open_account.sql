-- trade.open_account(account, broker, kind, calendar, opening_capital, broker_account_id, session): opens a trading account.
-- What: the account, its opening deposit in the cash ledger, and the first mark: NAV = capital, index and high-water marks 1, on
-- `session` (null: the last session over by ops.now()). Again with the same values changes nothing; true where it was opened now.
-- Why: capital, cash and NAV are facts from the first row on; every later number is relative to this mark (A6).
-- Called by: trade.open_configured_account, an operator by hand. Raises: MQ311 opened with other values, MQ318 not a session, MQ328 no such capital.
create or replace function trade.open_account(
    p_account text, p_broker text, p_kind text, p_calendar text, p_opening_capital numeric,
    p_broker_account_id text default null, p_session date default null
)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_now constant timestamptz := ops.now();
    v_session constant date := coalesce(p_session, (
        select max(s.session) from ref.sessions as s where s.calendar = p_calendar and s.closes_at <= c_now
    ));
    v_known trade.accounts;
begin
    if (p_opening_capital > 0 and p_opening_capital < 'Infinity') is not true then
        raise exception using errcode = 'MQ328', message = 'the opening capital is a positive amount of USD',
            detail = format('opening_capital=%s', p_opening_capital), hint = 'accounts.defaults in configs/golden_config.yaml';
    end if;
    if not exists (select 1 from ref.sessions as s where s.calendar = p_calendar and s.session = v_session) then
        raise exception using errcode = 'MQ318', message = 'an account opens on a session of its calendar that is known',
            detail = format('calendar=%s session=%s', p_calendar, v_session), hint = 'python -m runner ingest  (it loads the calendar)';
    end if;
    insert into trade.accounts (
        account, broker, kind, broker_account_id, base_currency, calendar, opening_capital, opened_at
    )
    values (p_account, p_broker, p_kind, p_broker_account_id, 'USD', p_calendar, p_opening_capital, c_now)
    on conflict (account) do nothing;
    if not found then
        v_known := trade.require_account(p_account);
        if (v_known.broker, v_known.kind, v_known.broker_account_id, v_known.calendar, v_known.opening_capital)
            is distinct from (p_broker, p_kind, p_broker_account_id, p_calendar, p_opening_capital) then
            raise exception using errcode = 'MQ311', message = format('account %s was opened with other values', p_account),
                detail = format('stored=%s %s %s %s', v_known.broker, v_known.kind, v_known.calendar, v_known.opening_capital),
                hint = 'give the new account another name';
        end if;
        return false;
    end if;
    insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at)
    values (p_account, 'deposit', p_opening_capital, 'opening capital', v_session, c_now);
    insert into trade.nav (
        account, session, cash, long_value, short_value, nav, net_flow, period_return, nav_index, lifetime_mark, tactical_mark, marked_at
    )
    values (p_account, v_session, p_opening_capital, 0, 0, p_opening_capital, p_opening_capital, null, 1, 1, 1, c_now);
    perform audit.append(jsonb_build_array(jsonb_build_object(
        'event', 'account.opened', 'account', p_account, 'body', jsonb_build_object(
            'broker', p_broker, 'kind', p_kind, 'calendar', p_calendar, 'opening_capital', p_opening_capital::text, 'session', v_session
        )
    )));
    return true;
end;
$$;
comment on function trade.open_account(text, text, text, text, numeric, text, date) is
'Opens an account with its deposit and first mark, idempotently; true where it was opened now. Raises MQ311, MQ318, MQ328.';
