-- audit.var_backtest: VaR of the book that was decided to stand against the return of the session after, and a traffic light.
-- Why: a model nobody compares with what happened is an opinion. Compared is what could fail: a session whose VaR or return is
-- not known, or whose book was empty, is neither a success nor an exception. Orders fill in the session itself, so until its open
-- the book before stands. The light is Basel's rule at 95 %: by the probability of as many exceptions or fewer in the newest 250
-- compared sessions, green below 95 %, red from 99.99 % on; none below twenty, in which one exception is expected.
-- runner/risk/backtest.py says the same and adds Kupiec's and Christoffersen's tests.
create or replace view audit.var_backtest as
with marks as (
    select
        n.account, n.session, n.period_return, lag(n.session) over (partition by n.account order by n.session) as as_of_session
    from trade.nav as n
),

decided as (
    select distinct on (s.account, s.as_of_session)
        s.account, s.as_of_session, s.cycle_id, s.run, c.trade_session, s.figures,
        (s.figures ->> 'var_post_trade')::double precision as var_95
    from decide.risk_states as s
        join decide.cycle_runs as r on r.cycle_id = s.cycle_id and r.run = s.run and r.state = 'DONE'
        join decide.cycles as c on c.cycle_id = s.cycle_id and c.mode <> 'shadow'
    order by s.account, s.as_of_session, r.closed_recorded_at desc
),

sessions as (
    select
        m.account, m.session, m.as_of_session, d.cycle_id, d.run, d.var_95,
        (d.figures ->> 'var_post_trade_historical')::double precision as var_historical,
        (d.figures ->> 'var_post_trade_filtered')::double precision as var_filtered, -m.period_return as loss,
        case
            when d.cycle_id is null then 'NO_DECISION'
            when d.trade_session <> m.session then 'NOT_THE_NEXT_SESSION'
            when d.var_95 is null then 'VAR_UNKNOWN'
            when m.period_return is null then 'RETURN_UNKNOWN'
            when d.var_95 <= 0 then 'EMPTY_BOOK'
            else 'COMPARED'
        end as status
    from marks as m
        left join decided as d on d.account = m.account and d.as_of_session = m.as_of_session
    where m.as_of_session is not null
),

counted as (
    select
        s.account, s.session, count(*) over newest as sessions_250,
        count(*) filter (where s.loss > s.var_95) over newest as exceptions_250
    from sessions as s
    where s.status = 'COMPARED'
    window newest as (partition by s.account order by s.session rows 249 preceding)
),

judged as (
    select
        c.account, c.session, c.sessions_250::integer as sessions_250, c.exceptions_250::integer as exceptions_250,
        case when c.sessions_250 >= 20 then
            calc.binomial_cumulative(c.exceptions_250::integer, c.sessions_250::integer, 0.05)
        end as cumulative
    from counted as c
)

select
    s.account, s.session, s.as_of_session, s.cycle_id, s.run, s.status, s.var_95, s.var_historical, s.var_filtered, s.loss,
    case when s.status = 'COMPARED' then s.loss > s.var_95 end as exception, j.sessions_250, j.exceptions_250, j.cumulative,
    case when j.cumulative >= 0.9999 then 'RED' when j.cumulative >= 0.95 then 'YELLOW' when j.cumulative >= 0 then 'GREEN' end
        as light
from sessions as s
    left join judged as j on j.account = s.account and j.session = s.session;
comment on view audit.var_backtest is 'One row per account and marked session but the first: what the VaR before it was worth.';
comment on column audit.var_backtest.account is 'Account.';
comment on column audit.var_backtest.session is 'Session whose return it is.';
comment on column audit.var_backtest.as_of_session is 'Session marked before it, on which the book was decided.';
comment on column audit.var_backtest.cycle_id is 'Newest DONE cycle of that session; NULL: none.';
comment on column audit.var_backtest.run is 'Run of it.';
comment on column audit.var_backtest.status is
'COMPARED, or why not: NO_DECISION, NOT_THE_NEXT_SESSION, VAR_UNKNOWN, RETURN_UNKNOWN, EMPTY_BOOK.';
comment on column audit.var_backtest.var_95 is
'One-day VaR of the book that was to stand, the larger of both estimators, fraction of NAV.';
comment on column audit.var_backtest.var_historical is 'By historical simulation.';
comment on column audit.var_backtest.var_filtered is 'By filtered historical simulation.';
comment on column audit.var_backtest.loss is 'What the session cost, time-weighted, fraction of NAV; negative: a gain.';
comment on column audit.var_backtest.exception is 'True where the loss was larger than the VaR; NULL where not compared.';
comment on column audit.var_backtest.sessions_250 is 'Compared sessions up to this one, the newest 250; NULL where not compared.';
comment on column audit.var_backtest.exceptions_250 is 'Exceptions in them.';
comment on column audit.var_backtest.cumulative is
'Probability of as many exceptions or fewer were the VaR right; NULL below twenty sessions.';
comment on column audit.var_backtest.light is
'GREEN, YELLOW or RED (Basel 1996), at the level of 95 %; NULL below twenty sessions.';
