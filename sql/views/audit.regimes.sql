-- audit.regimes: the market's regime by each cycle's final run, what it rests on, and what it did to the book (C1-C6).
create or replace view audit.regimes as
select
    g.cycle_id, g.run, g.account, c.mode, g.as_of_session, c.slot, g.name, g.method, g.high_probability, g.percentile, g.reason,
    k.action, k.factor, g.volatility, g.volatility_sessions, g.trend, g.trend_closes, g.refitted, g.sessions_since_fit,
    (g.fit ->> 'session')::date as fit_session, g.fit ->> 'sha256' as fit_sha256, g.fit, g.recorded_at
from decide.regime_states as g
    join audit.concluded_runs as f on f.cycle_id = g.cycle_id and f.run = g.run
    join decide.cycles as c on c.cycle_id = g.cycle_id
    left join lateral (
        select x.action, x.factor
        from decide.risk_checks as x
        where x.cycle_id = g.cycle_id and x.run = g.run and x.limit_name = 'regime'
        order by x.check_number desc
        limit 1
    ) as k on true;
comment on view audit.regimes is 'One row per cycle whose risk was measured: the market''s regime on its session.';
comment on column audit.regimes.cycle_id is 'Cycle.';
comment on column audit.regimes.run is 'Run of the cycle.';
comment on column audit.regimes.account is 'Account.';
comment on column audit.regimes.mode is 'paper, live or shadow.';
comment on column audit.regimes.as_of_session is 'Session.';
comment on column audit.regimes.slot is 'Slot of the cycle.';
comment on column audit.regimes.name is 'BULL_QUIET, BULL_VOLATILE, BEAR_QUIET, BEAR_CRISIS or UNCERTAIN.';
comment on column audit.regimes.method is 'hmm; percentile: the fallback rule; none: neither could say (C5).';
comment on column audit.regimes.high_probability is 'Filtered probability of the high volatility state; NULL without a fit.';
comment on column audit.regimes.percentile is 'Of the benchmark''s volatility in its own history; NULL where it has too little.';
comment on column audit.regimes.reason is 'Why it is UNCERTAIN or why the fallback spoke; empty otherwise.';
comment on column audit.regimes.action is 'ALLOW, SCALE, or REJECT where nothing may increase (C6).';
comment on column audit.regimes.factor is 'Soft factor it gave (C4).';
comment on column audit.regimes.volatility is 'Volatility state after hysteresis: LOW, HIGH or UNKNOWN (C2).';
comment on column audit.regimes.volatility_sessions is 'Sessions it has stood.';
comment on column audit.regimes.trend is 'Trend after hysteresis: UP, DOWN or UNKNOWN (C3).';
comment on column audit.regimes.trend_closes is 'Closes in a row beyond the band on the other side.';
comment on column audit.regimes.refitted is 'True: the fit is of this session.';
comment on column audit.regimes.sessions_since_fit is 'Sessions since the fit.';
comment on column audit.regimes.fit_session is 'Session of the fit; NULL without one.';
comment on column audit.regimes.fit_sha256 is 'Hash of its parameters.';
comment on column audit.regimes.fit is 'Its parameters, every digit (C1).';
comment on column audit.regimes.recorded_at is 'Wall instant.';
