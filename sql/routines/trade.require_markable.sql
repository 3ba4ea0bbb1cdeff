-- trade.require_markable(account, session): checks that a session can be marked and gives the mark before it.
-- What: a session of the account's calendar that is over, none of whose day orders may still fill, marked in order without a gap.
-- NULL for the account's opening session.
-- Why: a return over a gap would be booked to one day; a mark before the fills would be wrong for ever.
-- Called by: trade.mark_nav. Raises: MQ240, MQ318, MQ319, MQ320, MQ321.
create or replace function trade.require_markable(p_account text, p_session date)
returns trade.nav
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_account constant trade.accounts := trade.require_account(p_account);
    v_session ref.sessions;
    v_previous trade.nav;
    v_open text;
begin
    select s.* into v_session from ref.sessions as s where s.calendar = v_account.calendar and s.session = p_session;
    if not found then
        raise exception using errcode = 'MQ318', message = 'not a session of the account''s calendar',
            detail = format('calendar=%s session=%s', v_account.calendar, p_session), hint = 'select * from ref.sessions';
    end if;
    if v_session.closes_at > ops.now() then
        raise exception using errcode = 'MQ319', message = 'the session is not over',
            detail = format('session=%s closes_at=%s now=%s', p_session, v_session.closes_at, ops.now()),
            hint = 'mark it after its close: python -m runner sync --once --account ' || p_account;
    end if;
    select min(l.client_order_id) into v_open
    from trade.live_orders as l join trade.orders as o on o.client_order_id = l.client_order_id
    where l.account = p_account and l.trade_session <= p_session and o.time_in_force <> 'GTC';
    if v_open is not null then
        raise exception using errcode = 'MQ320', message = 'an order of the session has not ended: it may still be filled',
            detail = format('session=%s client_order_id=%s', p_session, v_open),
            hint = 'python -m runner sync --once --account ' || p_account;
    end if;
    select n.* into v_previous
    from trade.nav as n
        join ref.sessions as s on s.calendar = v_account.calendar and s.session = n.session
    where n.account = p_account and s.session_number = v_session.session_number - 1;
    if not found and not exists (
        select 1 from trade.nav as n where n.account = p_account having min(n.session) = p_session
    ) then
        raise exception using errcode = 'MQ321', message = 'the session before is not marked',
            detail = format('account=%s session=%s last_mark=%s', p_account, p_session,
                (select max(n.session) from trade.nav as n where n.account = p_account)),
            hint = 'sessions are marked in order: python -m runner sync --once --account ' || p_account;
    end if;
    return v_previous;
end;
$$;
comment on function trade.require_markable(text, date) is
'The mark before a session that can be marked; NULL for the opening session. Raises MQ240, MQ318, MQ319, MQ320, MQ321.';
