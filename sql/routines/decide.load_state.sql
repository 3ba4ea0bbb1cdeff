-- decide.load_state(account, as-of session, slot): what the account remembers when a cycle of that session begins (I19).
-- What: {cycle_id, run: the run it goes on from (decide.protocol_base), phase, sessions, tier, cvar_breaches, resumed,
-- liquidating: a liquidation is approved (B5), regime: null or {fit, sessions_since_fit, volatility, volatility_sessions, trend,
-- trend_closes}, symbols: [{symbol, entry_stop, stale_view_sessions, sessions_since_stop}]}.
-- Why: counters move once per session however often a cycle is run; a shadow run moves nothing. The regime is always that of an
-- earlier session: it is a matter of the closes since. Sessions since a stop-out are
-- counted in the account's calendar; beyond 250 they have no meaning left for any rule. A resting stop that was filled is a
-- stop-out like one the committee saw at the close (D14): the later of the two counts. A stop fixed before
-- a split is re-based on it.
-- Called by: the cycle as fund_decider. Raises: MQ240.
create or replace function decide.load_state(p_account text, p_as_of_session date, p_slot text default 'close')
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
    v_calendar text;
    v_base record;
begin
    select a.calendar into v_calendar from trade.accounts as a where a.account = p_account;
    if not found then
        raise exception using errcode = 'MQ240', message = format('there is no account %s', p_account),
            detail = format('account=%s', p_account),
            hint = 'the first cycle of an account of accounts.defaults opens it: python -m runner cycle --account NAME';
    end if;
    select b.* into v_base from decide.protocol_base(p_account, p_as_of_session, p_slot, 'infinity') as b;
    return to_jsonb(v_base.state) || jsonb_build_object(
        'cycle_id', v_base.cycle_id, 'run', v_base.run, 'phase_session', v_base.phase_session,
        'liquidating', govern.liquidation_approved(p_account),
        'regime', decide.last_regime(p_account, p_as_of_session),
        'symbols', (
            select coalesce(jsonb_agg(jsonb_build_object(
                'symbol', t.symbol, 'entry_stop', t.entry_stop, 'stale_view_sessions', t.stale_view_sessions,
                'sessions_since_stop', case when n.sessions <= 250 then n.sessions end
            ) order by t.symbol collate "C"), '[]'::jsonb)
            from (
                select
                    coalesce(m.symbol, f.symbol) as symbol, m.entry_stop,
                    coalesce(m.stale_view_sessions, 0) as stale_view_sessions,
                    greatest(m.stopped_out_session, f.session) as stopped_out_session
                from (
                    select
                        s.symbol, s.stale_view_sessions, s.stopped_out_session,
                        s.entry_stop / trade.split_factor(s.symbol, v_base.as_of_session, p_as_of_session)::float8 as entry_stop
                    from decide.symbol_states as s
                    where s.cycle_id = v_base.cycle_id and s.run = v_base.run
                ) as m
                    full join (
                        select l.symbol, max(l.session) as session
                        from trade.fills as l
                            join trade.orders as o on o.client_order_id = l.client_order_id and o.leg = 'stop'
                        where l.account = p_account and l.session <= p_as_of_session
                        group by l.symbol
                    ) as f on f.symbol = m.symbol
            ) as t
                cross join lateral (
                    select case when t.stopped_out_session is not null then count(*) end as sessions
                    from ref.sessions as x
                    where x.calendar = v_calendar and x.session > t.stopped_out_session and x.session <= p_as_of_session
                ) as n
            where n.sessions <= 250 or t.entry_stop is not null or t.stale_view_sessions > 0
        )
    );
end;
$$;
comment on function decide.load_state(text, date, text) is
'What an account remembers when a cycle of the session begins: recovery protocol, regime, symbol states. Raises MQ240.';
