-- market.refuse_live_history(symbol, purpose, first, asked_at): raises where the live loop would ask for a session before
-- the five sessions before the day it asks on. asked_at: when the request left; NULL: now.
-- Why: years of history belong to ingest; the loop asks for what is new (ruling F7), and a longer window is refused, not clipped:
-- whoever asks for it is mistaken about what it is doing. An answer that comes after midnight was asked for before it; no
-- conversation takes an hour, so no older instant excuses a longer window.
-- Called by: the router before anything is sent, market.open_fetch. Raises: MQ520.
create or replace function market.refuse_live_history(p_symbol text, p_purpose text, p_first date, p_asked_at timestamptz)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_sessions constant bigint := 5;
    c_answer_max constant interval := '1 hour';
    v_asked_at constant timestamptz := greatest(least(p_asked_at, ops.now()), ops.now() - c_answer_max);
    v_before bigint;
begin
    if p_purpose is distinct from 'live' then
        return;
    end if;
    select count(*) into v_before
    from ref.instruments as i
        join ref.calendars as c on c.calendar = i.calendar
        join ref.sessions as s on s.calendar = i.calendar
    where i.symbol = p_symbol and s.session >= p_first and s.session < (v_asked_at at time zone c.time_zone)::date;
    if (v_before <= c_sessions and p_first is not null) is not true then
        raise exception using errcode = 'MQ520', message = 'the live loop asks for five sessions at most',
            detail = format('symbol=%s first=%s sessions=%s', p_symbol, p_first, v_before),
            hint = 'python -m runner ingest --provider auto --from DATE  loads history';
    end if;
end;
$$;
comment on function market.refuse_live_history(text, text, date, timestamptz) is
'Raises MQ520 where a window of purpose live begins more than five sessions before the day it was asked on.';
