-- Proves: A6, B3, B4, B9, I17: when each event is true, at its threshold and one step above; unknown is above.
begin;
select plan(20);
create function pg_temp.events(
    p_state govern.protocol_states, p_facts govern.protocol_facts default row(0, 0, 0, 0)::govern.protocol_facts
) returns text language sql as $$
    select array_to_string(govern.risk_events(p_state, p_facts, row(0.18, 10, 0.15, 2, 0.04, 1.5, 0.06, 10, 5)::govern.protocol_numbers), ' ')
$$;
select is(pg_temp.events(row('NORMAL', 0, 0, 0, false)), 'clean otherwise', 'nothing');
select is(pg_temp.events(row('NORMAL', 0, 0, 0, false), row(0.18, 0.3, 0.06, 0.06)), 'clean otherwise', 'everything at its limit');
select is(pg_temp.events(row('NORMAL', 0, 0, 0, false), row(0.18000000000000002, 0.3, 0, 0)), 'drawdown breach otherwise', 'drawdown one step above');
select is(pg_temp.events(row('NORMAL', 0, 0, 0, false), row(0, 0.30000000000000004, 0, 0)), 'breach otherwise', 'volatility above twice its target');
select is(pg_temp.events(row('NORMAL', 0, 0, 0, false), row(0, 0, 0.06000000000000001, 0)), 'breach otherwise', 'VaR above 1.5 times its limit');
select is(pg_temp.events(row('NORMAL', 0, 0, 0, false), row(0, 0, 0, 0.06000000000000001)), 'breach otherwise', 'CVaR above its hard limit');
select is(pg_temp.events(row('NORMAL', 0, 0, 0, false), row(0.2, 0.31, 0, 0)), 'tier_three drawdown breach otherwise', 'drawdown and volatility');
select is(pg_temp.events(row('NORMAL', 0, 0, 0, false), row(null, null, null, null)), 'tier_three drawdown breach otherwise', 'unknown is above');
select is(pg_temp.events(row('NORMAL', 0, 0, 0, false), row('NaN', 0, 0, 0)), 'drawdown breach otherwise', 'so is what is no number');
select is(pg_temp.events(row('NORMAL', 90, 0, 0, false)), 'clean otherwise', 'nothing is served off a window');
select is(pg_temp.events(row('DRAWDOWN', 9, 0, 0, false)), 'clean otherwise', 'the tenth session of a window');
select is(pg_temp.events(row('DRAWDOWN', 10, 0, 0, false)), 'served clean otherwise', 'the one after it');
select is(pg_temp.events(row('FREEZE', 10, 0, 0, false), row(0.5, 0.1, 0, 0)), 'served drawdown breach otherwise', 'a known drawdown is no breach before a ramp');
select is(pg_temp.events(row('FREEZE', 10, 0, 0, false), row(null, 0.1, 0, 0)), 'served_in_breach served drawdown breach otherwise', 'an unknown one is');
select is(pg_temp.events(row('FREEZE', 10, 0, 0, false), row(0, 0, 0, null)), 'served_in_breach served breach otherwise', 'an unknown CVaR, too');
select is(pg_temp.events(row('RECOVERY', 4, 4, 0, false)), 'clean otherwise', 'on the ramp');
select is(pg_temp.events(row('RECOVERY', 5, 5, 0, false)), 'ramp_over clean otherwise', 'on its last tier');
select is(pg_temp.events(row('NORMAL', 0, 0, 0, true)), 'resumed clean otherwise', 'resumed');
select is(pg_temp.events(row('NORMAL', 0, 0, 0, null), row(0, 1, 0, 0)), 'resumed_in_breach resumed breach otherwise', 'not knowing whether is resumed');
select is(array_to_string(govern.risk_events(row('FREEZE', 99, 0, 0, false), row(0, 0, 0, 0), null), ' '), 'tier_three drawdown breach otherwise', 'without numbers nothing is served and everything is above');
select * from finish();
rollback;
