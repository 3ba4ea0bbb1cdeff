-- Proves: B8, I14 (under a kill every position whose stop is not at the broker is heard of, whatever keeps it); MQ240.
begin;
select plan(17);

create function pg_temp.sent() returns void language sql as $$
    select trade.record_ack(c.client_order_id, c.fencing_token, 'b-' || c.client_order_id) from trade.claim_orders('test', 'w', 60, 9) as c
$$;
create function pg_temp.heard() returns text language plpgsql as $$
declare
    v_count constant integer := trade.alert_unprotected_positions('test');
begin
    return v_count || coalesce((
        select string_agg(concat_ws(' ', '', a.account, a.level, a.symbol, a.detail ->> 'fault'), ',' order by a.alert_id)
        from notify.alerts as a where a.code = 'NO_PROTECTIVE_STOP'
    ), '');
end;
$$;
create function pg_temp.kill(p_source text, p_host text default '') returns void language sql as $$
    insert into ops.kill_sources (source, host, reason, engaged_by, engaged_at) values (p_source, p_host, 'test', 'test', ops.now())
$$;
select fixtures.unprotected();
select is(pg_temp.heard(), '0', 'without a kill the next pass places it');
savepoint bare;
-- Without a kill, what keeps every stop, or the symbol's, from the broker.
insert into trade.breaks (account, kind, evidence, raised_at) values ('test', 'CASH', '{}', ops.now());
select is(pg_temp.heard(), '1 test HIGH AAA HALTED', 'an account whose gate is closed');
rollback to bare;
select trade.report_break('test', 'POSITION', 'BBB', null, '{}');
select is(pg_temp.heard(), '0', 'a break of another symbol keeps nothing');
select trade.report_break('test', 'POSITION', 'AAA', null, '{}');
select is(pg_temp.heard(), '1 test HIGH AAA BREAK_OPEN', 'one of its own does');
rollback to bare;
select trade.protect_positions('test'), pg_temp.sent();
select trade.report_break('test', 'POSITION', 'AAA', null, '{}');
select is(pg_temp.heard(), '0', 'a stop that rests is not kept');
rollback to bare;
select pg_temp.kill('row');
select is(pg_temp.heard(), '1 test CRITICAL AAA NOT_SENT', 'under one a position without a stop is critical');
select is(pg_temp.heard(), '1 test CRITICAL AAA NOT_SENT', 'heard once, counted each time');
rollback to bare;
select trade.protect_positions('test');
select pg_temp.kill('row');
savepoint pending;
select is(pg_temp.heard(), '1 test CRITICAL AAA NOT_SENT', 'a stop that still waits here protects nothing');
rollback to pending;
select pg_temp.sent();
select is(pg_temp.heard(), '0', 'one at the broker does');
select fixtures.hold('AAA', 40);
select is(pg_temp.heard(), '1 test CRITICAL AAA NOT_SENT', 'not one of fewer shares than are held');
rollback to pending;
select pg_temp.kill('file', 'h');
select is(pg_temp.heard(), '1 test CRITICAL AAA KILL_FILE', 'the file, which stops every POST');
rollback to pending;
insert into trade.breaks (account, kind, evidence, raised_at) values ('test', 'CASH', '{}', ops.now());
select is(pg_temp.heard(), '1 test CRITICAL AAA HALTED', 'a halted account');
rollback to pending;
insert into trade.orders select (jsonb_populate_record(o, '{"client_order_id": "exit", "leg": "exit", "order_type": "MARKET", "stop_price": null}')).*
from trade.orders as o;
select is(pg_temp.heard(), '1 test CRITICAL AAA OTHER_ORDER', 'another order of the symbol');
rollback to pending;
select pg_temp.sent();
select fixtures.hold('AAA', -100);
select is(pg_temp.heard(), '0', 'no position, no stop');
select throws_ok($$select trade.alert_unprotected_positions('none')$$, 'MQ240', null, 'no such account');
set local role fund_broker;
select lives_ok($$select trade.alert_unprotected_positions('test')$$, 'the broker worker asks');
set local role fund_decider;
select throws_ok($$select trade.alert_unprotected_positions('test')$$, '42501', null, 'the decider does not');
reset role;

select * from finish();
rollback;
