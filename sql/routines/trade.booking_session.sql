-- trade.booking_session(account): the session whose mark is the first to have what is booked now and belongs to none by itself.
-- What: the last one that has opened; where that one is marked, the first that is not.
-- Why: a mark is never edited: what is booked after it moves NAV with the next one, so that is the day it stands on.
-- Called by: trade.accept_break, trade.adopt_account, which hold the account. Raises: nothing; NULL for an unknown account.
create or replace function trade.booking_session(p_account text)
returns date
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select greatest(
        (select max(s.session) from ref.sessions as s where s.calendar = a.calendar and s.opens_at <= ops.now()),
        (
            select min(s.session)
            from ref.sessions as s
            where s.calendar = a.calendar and s.session > (select max(n.session) from trade.nav as n where n.account = a.account)
        )
    )
    from trade.accounts as a
    where a.account = p_account
$$;
comment on function trade.booking_session(text) is
'The session whose mark is the first to have what is booked now: the last that has opened, else the first that is not marked.';
