-- Proves: I12, I16, I20 (an order counts itself once at release: what was placed at the limit still leaves; no entry of an older session's decision).
begin;
select plan(9);

select fixtures.desk();
-- AAA 10 % and CCC 10 %: name, turnover exactly at their limits.
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 1000}, {"symbol": "CCC", "leg": "entry", "side": "BUY", "quantity": 500}]');
select fixtures.done();

select results_eq($$select o.symbol, v.to_state, v.refused_by from trade.orders as o, trade.release_verdict(o, '{}') as v order by 1$$,
    $$values ('AAA', 'SUBMITTED', null), ('CCC', 'SUBMITTED', null)$$, 'at the limits both leave');
savepoint s;
insert into trade.breaks (account, kind, symbol, evidence, raised_at) values ('test', 'POSITION', 'CCC', '{}', ops.now());
select results_eq($$select o.symbol, v.to_state, v.refused_by from trade.orders as o, trade.release_verdict(o, '{}') as v order by 1$$,
    $$values ('AAA', 'SUBMITTED', null), ('CCC', 'PENDING', null)$$, 'a symbol in quarantine waits for a person (I8)');
insert into trade.break_resolutions (break_id, account, reason, resolved_at) select b.break_id, b.account, 'test', ops.now() from trade.breaks as b;
select is(v.to_state, 'SUBMITTED', 'and leaves when it is resolved') from trade.orders as o, trade.release_verdict(o, '{}') as v where o.symbol = 'CCC';
rollback to s;
-- As a replacement of an older day's order would be: for this session, by a decision for the one before.
alter table trade.orders disable trigger all;
update trade.orders set trade_session = '2020-01-08';
select ops.advance_clock('2020-01-08 15:00+00');
select results_eq($$select distinct v.to_state, v.refused_by from trade.orders as o, trade.release_verdict(o, '{}') as v$$,
    $$values ('REJECTED', 'SESSION_OVER')$$, 'an entry was decided for a session that is over');
update trade.orders set leg = 'stop', side = 'SELL', order_type = 'STOP', time_in_force = 'GTC', stop_price = 90 where symbol = 'AAA';
select fixtures.hold('AAA', 1000);
select results_eq($$select v.to_state, v.refused_by from trade.orders as o, trade.release_verdict(o, '{}') as v where o.leg = 'stop'$$,
    $$values ('SUBMITTED', null)$$, 'a stop leaves');
-- One message a day: those of the day it leaves on, not of the day its decision was for.
alter table govern.limits disable trigger all;
update govern.limits set threshold = 1 where limit_name = 'daily_message_count';
update trade.orders set trade_session = '2020-01-07' where symbol = 'CCC';
select is(v.to_state, 'SUBMITTED', 'counted in its own session') from trade.orders as o, trade.release_verdict(o, '{}') as v where o.leg = 'stop';
update trade.orders set trade_session = '2020-01-08' where symbol = 'CCC';
select is(v.refused_by, 'daily_message_count', 'with what else that one has') from trade.orders as o, trade.release_verdict(o, '{}') as v where o.leg = 'stop';
rollback to s;
-- A position that came since (an adoption, say) takes the room.
insert into trade.position_adjustments (account, symbol, quantity, reason, occurred_at) values ('test', 'AAA', 1, 'test', ops.now());
select results_eq($$select o.symbol, v.to_state, v.refused_by from trade.orders as o, trade.release_verdict(o, '{}') as v order by 1$$,
    $$values ('AAA', 'REJECTED', 'name_concentration'), ('CCC', 'SUBMITTED', null)$$, 'one share more, and the order no longer fits');
delete from ref.sessions where session = '2020-01-07';
select results_eq($$select distinct v.to_state, v.refused_by from trade.orders as o, trade.release_verdict(o, '{}') as v$$,
    $$values ('REJECTED', 'NO_SESSION')$$, 'a session the calendar does not know refuses');

select * from finish();
rollback;
