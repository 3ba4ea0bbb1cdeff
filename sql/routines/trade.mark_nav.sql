-- trade.mark_nav(account, session): marks the book after the close of a session, once.
-- What: cash, long and short value, the time-weighted return since the mark before (flows come after the close, so they are no
-- return), index and high-water marks (A6). Symbols without a bar of the session are valued at their last close and named. True where
-- the mark is new; the same mark again changes nothing.
-- Why: a mark is a fact: a cycle was decided on it. What changes afterwards (a late fill, a restated bar) is refused here, not rewritten:
-- it shows in the next session's mark.
-- A split or dividend that is known and not booked would halve it, so it refuses. The loss that kills engages the switch in the same
-- transaction (B7): the kill row is then taken behind the account's, and whoever holds it is ended, as by any kill.
-- Called by: the broker worker, the cycle. Raises: MQ220, MQ240, MQ318-MQ323, MQ370.
create or replace function trade.mark_nav(p_account text, p_session date)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_previous trade.nav;
    v_known trade.nav;
    v_mark trade.nav;
    v_due text;
begin
    perform 1 from trade.accounts as a where a.account = p_account for no key update;
    select n.* into v_known from trade.nav as n where n.account = p_account and n.session = p_session;
    v_previous := trade.require_markable(p_account, p_session);
    -- The opening mark has none before it and is repeated by nothing else.
    if v_previous.account is null then
        return false;
    end if;
    select min(d.symbol) into v_due from trade.due_actions(p_account) as d where d.ex_date <= p_session;
    if v_due is not null and v_known.account is null then
        raise exception using errcode = 'MQ370', message = 'a split or dividend of the session is known and not booked',
            detail = format('account=%s session=%s symbol=%s', p_account, p_session, v_due),
            hint = 'a pass books it first: python -m runner sync --once --account ' || p_account;
    end if;
    v_mark := trade.compute_mark(v_previous, p_session);
    if v_known.account is not null then
        if (v_known.cash, v_known.nav, v_known.net_flow, v_known.stale_marks)
            is distinct from (v_mark.cash, v_mark.nav, v_mark.net_flow, v_mark.stale_marks) then
            raise exception using errcode = 'MQ323', message = 'the session is marked, and would be marked differently now',
                detail = format('account=%s session=%s stored=%s now=%s', p_account, p_session, v_known.nav, v_mark.nav),
                hint = 'a mark stays; what came late shows in the next one: select * from trade.fills, market.prices_as_of';
        end if;
        return false;
    end if;
    insert into trade.nav select v_mark.*;
    perform trade.engage_loss_kill(p_account);
    perform audit.append(jsonb_build_array(jsonb_build_object(
        'event', 'nav.marked', 'account', p_account, 'body', jsonb_build_object(
            'session', p_session, 'nav', v_mark.nav::text, 'cash', v_mark.cash::text, 'net_flow', v_mark.net_flow::text,
            'nav_index', v_mark.nav_index, 'stale_marks', v_mark.stale_marks
        )
    )));
    return true;
end;
$$;
comment on function trade.mark_nav(text, date) is
'Marks an account after the close of a session; true where the mark is new. Raises MQ220, MQ240, MQ318, MQ319, MQ320, MQ321, MQ322, '
'MQ323, MQ370.';
