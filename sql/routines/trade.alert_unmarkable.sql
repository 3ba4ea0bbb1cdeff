-- trade.alert_unmarkable(account, session): a book that cannot be marked is an alert: a position without a price, or a NAV no return
-- can be taken of.
-- What: marks the session after the last mark, as trade.mark_nav would, and stores nothing of it; true where that is refused (MQ322).
-- Why: what trade.mark_nav raises takes its alert back with it, and a worker may queue none of its own: it says what it met, and this
-- looks. While no mark is taken, no loss is seen that would kill; within the outbox's window the alert is heard once (F16).
-- Called by: the broker worker. Raises: nothing.
create or replace function trade.alert_unmarkable(p_account text, p_session date)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_previous trade.nav;
    v_detail text;
begin
    select n.* into v_previous
    from trade.nav as n
    where n.account = p_account and n.session < p_session
    order by n.session desc
    limit 1;
    if not found then
        return false;
    end if;
    perform trade.compute_mark(v_previous, p_session);
    return false;
exception
    when sqlstate 'MQ322' then
        get stacked diagnostics v_detail = pg_exception_detail;
        perform notify.enqueue(
            'HIGH', 'RISK', 'BOOK_UNMARKABLE', format('%s cannot be marked for %s: %s', p_account, p_session, v_detail),
            (select min(m.symbol) from trade.marked_positions(p_account, p_session) as m where m.price is null), p_account,
            jsonb_build_object('session', p_session, 'last_mark', v_previous.session)
        );
        return true;
end;
$$;
comment on function trade.alert_unmarkable(text, date) is
'Queues the alert of a book that cannot be marked for want of a price or a positive NAV; whether that is so.';
