-- Proves: B8, D14 (the replacement of a protective stop never covers more than the position), I16 (counted in its own session), I21.
begin;
select plan(9);

create function pg_temp.replaced(p_quantity numeric, p_stop numeric) returns text language sql as $$
    select concat_ws(' ', r.state, r.refused_by)
    from trade.orders as o cross join lateral trade.request_replace(o.client_order_id, p_quantity, null, p_stop, 'by hand') as r
    where o.leg = 'stop' and o.revision = 0
$$;
select fixtures.resting();
savepoint s;
select is(pg_temp.replaced(null, 97), 'PENDING', 'a resting stop is replaced like any order: its own shares are free for the new one');
select is(count(*), 2::bigint, 'both are audited') from audit.audit_log as a where convert_from(a.payload, 'utf8') like '%replace%';
rollback to s;
select is(pg_temp.replaced(101, 97), 'REJECTED reduce_only', 'never beyond the position');
rollback to s;
select is(pg_temp.replaced(null, 97.001), 'REJECTED PRICE_TICK', 'in ticks');
select is(o.state, 'ACKNOWLEDGED', 'the old one rests on') from trade.orders as o where o.revision = 0;
rollback to s;
select ops.advance_clock('2020-01-09 15:00+00');
select is(pg_temp.replaced(null, 97), 'PENDING', 'sessions later, too: it only reduces');
select is(o.trade_session, date '2020-01-09', 'for the session that is') from trade.orders as o where o.revision = 1;
rollback to s;
-- One message a day, and the stop is replaced on another day than its decision was for.
select fixtures.hold('CCC', 10);
create function pg_temp.sold(p_session date) returns text language sql as $$
    select trade.place_alone('test', repeat('1', 32), 1, p_session, row('CCC', 'liquidation', 'SELL', 5, 'MARKET', 'DAY', null, null, null))
$$;
select pg_temp.sold('2020-01-07');
alter table govern.limits disable trigger all;
update govern.limits set threshold = 1 where limit_name = 'daily_message_count';
alter table govern.limits enable trigger all;
select ops.advance_clock('2020-01-08 15:00+00');
savepoint capped;
select is(pg_temp.replaced(null, 97), 'PENDING', 'what the session of its decision was sent does not count against it');
rollback to capped;
select pg_temp.sold('2020-01-08');
select is(pg_temp.replaced(null, 97), 'REJECTED daily_message_count', 'what its own session was sent does');

select * from finish();
rollback;
