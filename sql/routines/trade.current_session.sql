-- trade.current_session(symbol): the session of the symbol's calendar that is not over: the open one, else the next.
-- Why: an order placed outside a cycle has no as-of session to count from; it is for the session that comes (I10).
-- Called by: trade.stops_due, trade.request_replace. Raises: nothing; NULL where the calendar ends.
create or replace function trade.current_session(p_symbol text)
returns date
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select min(s.session)
    from ref.instruments as i
        join ref.sessions as s on s.calendar = i.calendar
    where i.symbol = p_symbol and s.closes_at > (select ops.now())
$$;
comment on function trade.current_session(text) is 'The first session of a symbol''s calendar that is not over by ops.now().';
