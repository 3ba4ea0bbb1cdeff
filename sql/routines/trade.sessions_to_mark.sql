-- trade.sessions_to_mark(account, delay_minutes): the sessions after the last mark whose bars can be known by now, in order.
-- Why: a mark taken before the bars arrive would value everything at yesterday's close, for ever.
-- Called by: the broker worker. Raises: nothing.
create or replace function trade.sessions_to_mark(p_account text, p_delay_minutes integer)
returns setof date
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select s.session
    from trade.accounts as a
        join ref.sessions as s on s.calendar = a.calendar
    where a.account = p_account
        and s.session > (select max(n.session) from trade.nav as n where n.account = p_account)
        and s.closes_at + make_interval(mins => p_delay_minutes) <= (select ops.now())
    order by s.session
$$;
comment on function trade.sessions_to_mark(text, integer) is
'The unmarked sessions of an account that closed at least so many minutes ago, in order.';
