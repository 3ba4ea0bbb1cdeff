-- Proves: I12, I13, I17, I20, I21, B5 (each of the eleven layers is asked again at placing and at release, by what is true then).
begin;
select plan(38);
select fixtures.desk();
create function pg_temp.closed(p_phase text) returns text language sql as $$
    select string_agg(concat_ws(' ', e.key, e.value ->> 'layer', e.value ->> 'reason_code'), ', ' order by e.key)
    from jsonb_each(govern.recheck_layers(repeat('1', 32), 1, p_phase)) as e
$$;
create function pg_temp.verdicts(p_phase text) returns text language sql as $$
    select string_agg(concat(v.value ->> 'layer', left(v.value ->> 'verdict', 1)), ' ' order by v.ordinality)
    from (select k.* from decide.layer_checks as k where k.phase = p_phase order by k.check_id desc limit 1) as k
        cross join jsonb_array_elements(k.verdicts) with ordinality as v
$$;

select is(pg_temp.closed('place'), null, 'placing: nothing is closed');
select is(pg_temp.verdicts('place'), '1P 2P 3P 4P 5P 6P 7P 8P 9P', 'asked layer by layer; decisions and alerts come later in a run');
select is(pg_temp.closed('release'), 'increase 10 DECISIONS_INCOMPLETE, reduce 10 DECISIONS_INCOMPLETE', 'an order without its decision does not leave');
select fixtures.done();
select is(pg_temp.closed('release'), null, 'with them it does');
select is(pg_temp.verdicts('release'), '1P 2P 3P 4P 5P 6P 7P 8P 9P 10P 11P', 'all eleven are asked');
select is(count(*)::integer, 3, 'a row for placing, two for release') from decide.layer_checks;
select pg_temp.closed('release');
select is(count(*)::integer, 3, 'the same verdicts again are no new row') from decide.layer_checks;
create function pg_temp.heard() returns text language sql as $$
    select coalesce(string_agg(a.code || ' ' || a.level, ','), 'nothing') from notify.alerts as a where a.code like 'LAYER%'
$$;
select is(pg_temp.heard(), 'nothing', 'a refusal of nothing that waits is not heard');

-- What each layer looks at, one after the other, at release.
savepoint s;
select ops.engage_kill_switch('test');
select is(pg_temp.closed('release'), 'increase 1 KILL_SWITCH, reduce 1 KILL_SWITCH', 'layer 1: a kill since; stops are not closed (B5)');
select is(pg_temp.closed('place'), 'increase 1 KILL_SWITCH, reduce 1 KILL_SWITCH', 'at placing, too');
rollback to s;
insert into trade.breaks (account, kind, symbol, evidence, raised_at) values ('test', 'CASH', null, '{}', ops.now());
select is(pg_temp.closed('release'), 'increase 2 BOOKS_HALTED, reduce 2 BOOKS_HALTED', 'layer 2: books that differ since (I8)');
select is(pg_temp.closed('place'), 'increase 2 BOOKS_HALTED, reduce 2 BOOKS_HALTED', 'at placing, too');
rollback to s;
create function pg_temp.tightened(p_limit text, p_threshold double precision) returns void language sql as $$
    insert into govern.limits (limit_name, version, config_sha256, threshold, bound, unit, action, source, ruling, reason, effective_from)
    select l.limit_name, 2, l.config_sha256, p_threshold, l.bound, l.unit, l.action, 'tightened', 'I20', 'test', ops.now()
    from govern.limits as l where l.limit_name = p_limit
$$;
savepoint s;
select pg_temp.tightened('min_sessions', 1300);
select is(pg_temp.closed('release'), 'increase 3 HISTORY_SHORT, reduce 3 HISTORY_SHORT', 'layer 3: more history is asked for since (I20)');
select is(pg_temp.closed('place'), 'increase 3 HISTORY_SHORT, reduce 3 HISTORY_SHORT', 'at placing, too');
rollback to s;
alter table decide.relation_reads disable trigger all;
update decide.relation_reads set reason = 'EMPTY', rows_sha256 = null where relation = 'features.features';
select is(pg_temp.closed('release'), 'increase 4 FEATURES_EMPTY, reduce 4 FEATURES_EMPTY', 'layer 4: features that were not usable');
select is(pg_temp.closed('place'), 'increase 4 FEATURES_EMPTY, reduce 4 FEATURES_EMPTY', 'at placing, too');
rollback to s;
select pg_temp.tightened('min_confidence', 0.9);
select is(pg_temp.closed('release'), 'increase 5 NO_VALID_AGENT, reduce 5 NO_VALID_AGENT', 'layer 5: more confidence is asked for since');
select is(pg_temp.closed('place'), 'increase 5 NO_VALID_AGENT, reduce 5 NO_VALID_AGENT', 'at placing, too');
rollback to s;
alter table decide.risk_checks disable trigger all;
update decide.risk_checks set observed = 0.03 where limit_name = 'var';
select pg_temp.tightened('var', 0.02);
select is(pg_temp.closed('release'), 'increase 6 LOOSER_THAN_IN_FORCE:var', 'layer 6: a limit tightened below what the book would be; reductions pass (A12)');
select is(pg_temp.closed('place'), 'increase 6 LOOSER_THAN_IN_FORCE:var', 'at placing, too');
rollback to s;
alter table decide.risk_states disable trigger all;
update decide.risk_states set cvar_breaches = 2, phase = 'RECOVERY', tier = 2, var_95 = 0.041;
select pg_temp.tightened('cvar_breaches', 2);
select is(pg_temp.closed('release'), 'increase 7 STATE_SOFTER_THAN_FIGURES, reduce 7 STATE_SOFTER_THAN_FIGURES', 'layers 7 to 9: a state, a count, a ramp that no longer hold');
select is(pg_temp.closed('place'), 'increase 7 STATE_SOFTER_THAN_FIGURES, reduce 7 STATE_SOFTER_THAN_FIGURES', 'at placing, too');
select is(pg_temp.verdicts('release'), '1P 2P 3P 4P 5P 6P 7R 8R 9R 10P 11P', 'each of the three');
select is(k.refused, array[7, 8, 9], 'and they are named') from decide.layer_checks as k order by k.check_id desc limit 1;
rollback to s;
select audit.append('[{"event": "test"}]');
update audit.heads set hash = sha256('x');
select is(pg_temp.closed('release'), 'increase 10 AUDIT_HEAD_BROKEN, reduce 10 AUDIT_HEAD_BROKEN', 'layer 10: a chain whose head is not its last row');
rollback to s;
insert into decide.gate_verdicts (cycle_id, run, account, layer, verdict, reason_code, evidence, decided_at)
values (repeat('1', 32), 1, 'test', 3, 'REFUSE', 'X', '{}', ops.now());
select is(pg_temp.closed('release'), 'increase 11 ALERT_NOT_QUEUED, reduce 11 ALERT_NOT_QUEUED', 'layer 11: an alert that is owed and was not queued');
rollback to s;

-- What that does to orders.
select fixtures.hold('CCC', 100), fixtures.next_cycle();
savepoint s;
alter table decide.risk_checks disable trigger all;
update decide.risk_checks set observed = 0.03 where limit_name = 'var';
select pg_temp.tightened('var', 0.02);
select results_eq(
    $$select * from fixtures.place_next('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 10}, {"symbol": "CCC", "leg": "exit", "side": "SELL", "quantity": 100}]')$$,
    $$values ('AAA', 'REJECTED', 'LAYER_6'), ('CCC', 'PENDING', null)$$, 'placing refuses the increase and lets the reduction through');
select is(e.detail -> 'refused' -> 0 ->> 'reason', 'LOOSER_THAN_IN_FORCE:var', 'with the reason')
from trade.orders as o join trade.order_events as e on e.client_order_id = o.client_order_id where o.symbol = 'AAA';
rollback to s;
select fixtures.place_next('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 10}, {"symbol": "CCC", "leg": "exit", "side": "SELL", "quantity": 100}]');
select fixtures.done();
create function pg_temp.recheck_next() returns void language sql as $$ select govern.recheck_layers(repeat('2', 32), 1, 'release') $$;
savepoint s;
alter table decide.risk_checks disable trigger all;
update decide.risk_checks set observed = 0.03 where limit_name = 'var';
select pg_temp.tightened('var', 0.02);
select results_eq($$select c.symbol from trade.claim_orders('test', 'w', 60, 9) as c$$, array['CCC'], 'release lets the reduction leave');
select results_eq($$select o.symbol, o.state, o.refused_by from trade.orders as o order by 1$$,
    $$values ('AAA', 'REJECTED', 'LAYER_6'), ('CCC', 'SUBMITTED', null)$$, 'and ends the increase');
select is(pg_temp.heard(), 'LAYER_6 HIGH', 'which is heard');
rollback to s;
alter table decide.risk_checks disable trigger all;
update decide.risk_checks set observed = 0.03 where limit_name = 'var';
select pg_temp.tightened('var', 0.02);
select trade.move_order(o.client_order_id, 'CANCELLED', 'cancelled', '{}') from trade.orders as o where o.symbol = 'AAA';
select pg_temp.recheck_next();
select is(pg_temp.heard(), 'nothing', 'what waits and is not closed is no alert');
alter table trade.orders disable trigger all;
update trade.orders set leg = 'stop';
select ops.engage_kill_switch('test');
select pg_temp.recheck_next();
select is(pg_temp.heard(), 'nothing', 'under a kill a protective stop is not, either');
rollback to s;
select audit.append('[{"event": "test"}]');
update audit.heads set hash = sha256('x');
select is(to_jsonb(trade.recheck_pending('test') -> (repeat('2', 32) || '/1') -> 'increase' -> 'clears'), 'true', 'what may pass again');
select is(string_agg(v.to_state, ','), 'PENDING,PENDING', 'waits')
from trade.orders as o cross join lateral trade.release_verdict(o, trade.recheck_pending('test') -> (o.cycle_id || '/' || o.run)) as v;
select is(string_agg(v.to_state || ' ' || v.refused_by, ','), 'REJECTED LAYERS,REJECTED LAYERS', 'verdicts nobody asked for refuse (I17)')
from trade.orders as o cross join lateral trade.release_verdict(o, null) as v;
rollback to s;
set local role fund_broker;
select throws_ok($$select govern.recheck_layers('x', 1, 'release')$$, '42501', null, 'no client asks by itself');
set local role fund_analyst;
select isnt_empty($$select * from audit.layer_checks as k where k.phase = 'release' and k.layer = 10 and k.verdict = 'REFUSE'$$, 'analysts see all of it');
reset role;
select * from finish();
rollback;
