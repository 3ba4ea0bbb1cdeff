-- Proves: I12, I16, I20 (an order counts itself once at release: what was placed at the limit still leaves).
begin;
select plan(5);

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
-- A position that came since (an adoption, say) takes the room.
insert into trade.position_adjustments (account, symbol, quantity, reason, occurred_at) values ('test', 'AAA', 1, 'test', ops.now());
select results_eq($$select o.symbol, v.to_state, v.refused_by from trade.orders as o, trade.release_verdict(o, '{}') as v order by 1$$,
    $$values ('AAA', 'REJECTED', 'name_concentration'), ('CCC', 'SUBMITTED', null)$$, 'one share more, and the order no longer fits');
delete from ref.sessions where session = '2020-01-07';
select results_eq($$select distinct v.to_state, v.refused_by from trade.orders as o, trade.release_verdict(o, '{}') as v$$,
    $$values ('REJECTED', 'NO_SESSION')$$, 'a session the calendar does not know refuses');

select * from finish();
rollback;
