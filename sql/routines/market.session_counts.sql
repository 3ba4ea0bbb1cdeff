-- market.session_counts(as_of, recorded_before, symbols): how many valid sessions each symbol has, its first, last and last
-- close.
-- Why: dbt may close a symbol, never open one: the gate itself counts distinct valid sessions and sees the last one, with the
-- same bounds as the panel, and takes the stricter verdict (F5, F6). price_history holds valid bars only, one per session.
-- Called by: govern's gate. Raises: nothing; a symbol without bars has a row with count 0.
create or replace function market.session_counts(p_as_of timestamptz, p_recorded_before timestamptz, p_symbols text[])
returns table (
    symbol text, sessions integer, first_session date, last_session date, last_close double precision, last_provider text,
    price_basis text, price_kind text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        i.symbol, c.sessions::integer, c.first_session, c.last_session, l.close, l.provider, i.price_basis, i.price_kind
    from (select distinct u.symbol from unnest(p_symbols) as u (symbol)) as w
        join ref.instruments as i on i.symbol = w.symbol
        cross join lateral (
            select count(*) as sessions, min(h.session) as first_session, max(h.session) as last_session
            from market.price_history as h
            where h.symbol = w.symbol
                -- No session can be known before its own date begins.
                and h.session <= (p_as_of at time zone 'UTC')::date
                -- A case, because the order of an or is not promised and the second half is the slow one.
                and case when h.known_at <= p_as_of and h.recorded_at <= p_recorded_before then true
                    else exists (select 1 from market.bar_as_of(h.symbol, h.session, p_as_of, p_recorded_before)) end
        ) as c
        left join lateral market.bar_as_of(w.symbol, c.last_session, p_as_of, p_recorded_before) as l on true
    order by i.symbol collate "C"
$$;
comment on function market.session_counts(timestamptz, timestamptz, text[]) is
'One row per symbol: distinct valid sessions, first and last of them, last raw close and its source, within the bounds.';
