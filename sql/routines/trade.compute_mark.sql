-- trade.compute_mark(previous, session): the row of trade.nav for the session after `previous`, not stored.
-- What: nav = cash + longs + shorts; period_return = (nav - net_flow) / previous nav - 1: flows count from the close on; the index
-- compounds it; the tactical mark is the highest since the last re-base, which may be of the session before (A7). Money is exact;
-- return, index and marks are double precision. It is recorded behind every run of the account that has begun, also where the
-- wall clock was set back: none of them saw it (decide.protocol_step).
-- Called by: trade.mark_nav, trade.alert_unmarkable. Raises: MQ322 a held symbol never had a price, or a NAV from which no return can be taken.
create or replace function trade.compute_mark(p_previous trade.nav, p_session date)
returns trade.nav
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_mark trade.nav;
    v_unpriced text;
begin
    v_mark.account := p_previous.account;
    v_mark.session := p_session;
    select
        coalesce(sum(greatest(m.quantity, 0) * m.price), 0), coalesce(sum(least(m.quantity, 0) * m.price), 0),
        coalesce(jsonb_agg(jsonb_build_object('symbol', m.symbol, 'session', m.price_session) order by m.symbol collate "C")
            filter (where m.price_session < p_session), '[]'),
        min(m.symbol) filter (where m.price is null)
    into v_mark.long_value, v_mark.short_value, v_mark.stale_marks, v_unpriced
    from trade.marked_positions(p_previous.account, p_session) as m;
    select
        coalesce(sum(l.amount), 0),
        coalesce(sum(l.amount) filter (where l.session = p_session and l.kind in ('deposit', 'withdrawal')), 0)
    into v_mark.cash, v_mark.net_flow
    from trade.cash_ledger as l
    where l.account = p_previous.account and l.session <= p_session;
    v_mark.nav := v_mark.cash + v_mark.long_value + v_mark.short_value;
    if v_unpriced is not null or p_previous.nav <= 0 or v_mark.nav - v_mark.net_flow <= 0 then
        raise exception using errcode = 'MQ322', message = 'the book cannot be marked',
            detail = format('account=%s session=%s unpriced=%s nav=%s previous_nav=%s', p_previous.account, p_session, v_unpriced,
                v_mark.nav, p_previous.nav),
            hint = 'python -m runner ingest; a NAV of zero or less is the operator''s to settle';
    end if;
    v_mark.period_return := ((v_mark.nav - v_mark.net_flow) / p_previous.nav)::double precision - 1;
    v_mark.nav_index := p_previous.nav_index * (1 + v_mark.period_return);
    v_mark.lifetime_mark := greatest(p_previous.lifetime_mark, v_mark.nav_index);
    v_mark.tactical_mark := greatest(trade.tactical_mark(p_previous.account, p_previous.session), v_mark.nav_index);
    v_mark.marked_at := ops.now();
    v_mark.recorded_at := greatest(
        clock_timestamp(),
        (select max(r.recorded_before) from decide.cycle_runs as r where r.account = p_previous.account) + interval '1 microsecond'
    );
    return v_mark;
end;
$$;
comment on function trade.compute_mark(trade.nav, date) is
'The mark of the session after another, from fills, cash and the closes known now; not stored. Raises MQ322.';
