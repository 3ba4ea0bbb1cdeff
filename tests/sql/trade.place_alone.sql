-- Proves: I1, I12, I16, I20 (an order outside a basket is a row like any other: next revision, pinned configuration, limits, the stop makes way).
begin;
select plan(8);
select fixtures.resting();
create function pg_temp.placed(p_leg text, p_quantity numeric) returns text language plpgsql as $$
declare
    v_id constant text := trade.place_alone('test', repeat('1', 32), 1, '2020-01-07', row('AAA', p_leg, 'SELL', p_quantity, 'MARKET', 'DAY', null, null, null));
begin
    return (
        select concat_ws(' ', o.symbol, o.leg, o.revision, o.side, trim_scale(o.quantity), o.trade_session, o.state, o.refused_by, w.leg)
        from trade.orders as o left join trade.orders as w on w.client_order_id = o.waits_for
        where o.client_order_id = v_id
    );
end;
$$;
savepoint s;
select is(pg_temp.placed('liquidation', 100), 'AAA liquidation 0 SELL 100 2020-01-07 PENDING stop', 'behind the stop that makes way');
select is(count(*)::integer, 1, 'whose cancel is asked for') from trade.order_requests as r where r.settled_at is null;
rollback to s;
select is(pg_temp.placed('liquidation', 101), 'AAA liquidation 0 SELL 101 2020-01-07 REJECTED reduce_only', 'more than is held is refused, as a row');
select is(pg_temp.placed('liquidation', 100), 'AAA liquidation 1 SELL 100 2020-01-07 PENDING stop', 'the next revision after it');
select is(o.config_sha256, govern.pinned_config(), 'under the pinned configuration') from trade.orders as o where o.leg = 'liquidation' and o.revision = 1;
rollback to s;
-- The cap of a day counts the session the order is for, not the one its decision was for, where a stop stands already.
alter table govern.limits disable trigger all;
update govern.limits set threshold = 1 where limit_name = 'daily_message_count';
alter table govern.limits enable trigger all;
create function pg_temp.later(p_quantity numeric) returns text language plpgsql as $$
declare
    v_id constant text := trade.place_alone('test', repeat('1', 32), 1, '2020-01-08', row('AAA', 'liquidation', 'SELL', p_quantity, 'MARKET', 'DAY', null, null, null));
begin
    return (select o.refused_by from trade.orders as o where o.client_order_id = v_id);
end;
$$;
select is(pg_temp.later(60), null, 'the first of a session that is not the decision''s');
select is(pg_temp.later(40), 'daily_message_count', 'the next one is one too many');
set local role fund_broker;
select throws_ok($$select trade.place_alone('test', 'x', 1, '2020-01-07', null)$$, '42501', null, 'no client places by itself');
reset role;
select * from finish();
rollback;
