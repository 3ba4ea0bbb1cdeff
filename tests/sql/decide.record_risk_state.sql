-- Proves: I19, I17, B6, B9, C1: what follows from rows cannot be claimed otherwise (MQ500), no number is a NaN or an infinity.
begin;
select plan(25);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
create function pg_temp.send(p_change jsonb default '{}') returns void language sql as $$
    select decide.record_risk_state(r, fixtures.risk_state(p_change)) from decide.cycle_runs as r
$$;
-- Each claim that does not follow.
select throws_ok(format('select pg_temp.send(%L)', c.claim), 'MQ500', null, c.name)
from (values
    ('a phase', '{"phase": "RECOVERY", "tier": 1, "rebased": true, "state": "RECOVERY"}'), ('no phase', '{"phase": null}'), ('its sessions', '{"sessions": 3}'),
    ('unknown sessions', '{"sessions": null}'), ('a tier', '{"tier": 1}'), ('a count', '{"cvar_breaches": 1}'),
    ('a count that its own CVaR raises', '{"cvar_post_trade": 0.07}'), ('a drawdown', '{"drawdown": 0.01}'), ('no drawdown', '{"drawdown": null}'), ('a re-base', '{"rebased": true}')
) as c (name, claim);
select throws_ok(format('select pg_temp.send(%L)', c.claim), '23514', null, c.name)
from (values
    ('volatility is no NaN', '{"volatility": "NaN", "figures": {}}'), ('nor negative', '{"volatility": -0.1}'), ('VaR is no infinity', '{"var_95": "-Infinity"}'),
    ('a figure is a number', '{"figures": {"beta": "NaN"}}'), ('so is a factor', '{"factors": {"soft": "1"}}'), ('figures are an object', '{"figures": [1]}')
) as c (name, claim);
select throws_ok($$select pg_temp.send('{"reject_sessions_left": 1}')$$, 'MQ204', null, 'a key from before');
select throws_ok($$select pg_temp.send('{"regime": null}')$$, '23502', null, 'a regime is always said');
select throws_ok($$select pg_temp.send(jsonb_build_object('regime', fixtures.risk_state() -> 'regime' || '{"mood": 1}'))$$, 'MQ204', null, 'an unknown key of it');
select throws_ok($$select pg_temp.send(jsonb_build_object('regime', jsonb_set(fixtures.risk_state() -> 'regime', '{memory,fit}', '{"mean": 0}')))$$, '23514', null, 'a fit has its hash');
select throws_ok($$select pg_temp.send(jsonb_build_object('regime', fixtures.risk_state() -> 'regime' || '{"high_probability": 1.01}'))$$, '23514', null, 'a probability is one');
delete from govern.risk_transitions where from_phase = 'NORMAL';
select throws_ok($$select pg_temp.send()$$, 'MQ500', null, 'without a step nothing follows');
insert into govern.risk_transitions values ('NORMAL', 5, 'otherwise', 'NORMAL', 'none', false, false, false, 'x');
select lives_ok(format('select pg_temp.send(%L)', jsonb_build_object(
    'figures', '{"beta": 0.1, "tail": null}'::jsonb,
    'regime', jsonb_set(fixtures.risk_state() -> 'regime', '{memory,fit}', jsonb_build_object('session', '2013-02-27', 'sha256', repeat('a', 64), 'mean', 0.1)) || '{"method": "hmm", "refitted": true}'
)), 'what follows is stored');
select results_eq('select s.phase, s.phase_session, s.tier, s.cvar_breaches, s.rebased, s.volatility, s.figures from decide.risk_states as s',
    $$values ('NORMAL'::text, date '2013-02-27', 0, 0, false, 0.1::float8, '{"beta": 0.1, "tail": null}'::jsonb)$$, 'as claimed');
select results_eq('select g.account, g.as_of_session, g.name, g.method, g.refitted, g.fit ->> ''mean'', g.trend from decide.regime_states as g',
    $$values ('paper'::text, date '2013-02-27', 'UNCERTAIN'::text, 'hmm'::text, true, '0.1'::text, 'UNKNOWN'::text)$$, 'the regime beside it');
select * from finish();
rollback;
