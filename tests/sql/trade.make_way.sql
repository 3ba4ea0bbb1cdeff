-- Proves: B5, D14, I3 (cancel the stop, trade, place a new stop: each after the terminal fact of the one before).
begin;
select plan(36);

create function pg_temp.orders() returns text language sql as $$
    select string_agg(concat_ws(' ', o.leg, o.state, o.refused_by, '<- ' || w.leg), ', ' order by o.placed_at, o.leg) from trade.orders as o
        left join trade.orders as w on w.client_order_id = o.waits_for
    where o.closed_at is null or o.refused_by is not null or o.leg <> 'stop'
$$;
create function pg_temp.claimed() returns text language sql as $$
    select coalesce(string_agg(o.leg, ', '), 'nothing') from trade.claim_orders('test', 'w', 60, 9) as c join trade.orders as o using (client_order_id)
$$;
create function pg_temp.stop_filled(p_quantity numeric) returns boolean language sql as $$
    select trade.record_fill('test', 'stop-fill', o.client_order_id, p_quantity, 95, 0, 'raw', '2020-01-07', ops.now())
    from trade.orders as o where o.leg = 'stop'
$$;
create function pg_temp.stop_ended() returns text language sql as $$
    select trade.record_end(o.client_order_id, 'CANCELLED', 'asked for') from trade.orders as o where o.leg = 'stop' and o.closed_at is null
$$;
select fixtures.resting(), fixtures.next_cycle();
savepoint s;
-- An exit.
select is(p.state, 'PENDING', 'an exit is placed beside a resting stop') from fixtures.place_next('[{"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": 100}]') as p;
select is(pg_temp.orders(), 'exit PENDING <- stop, stop ACKNOWLEDGED', 'it waits for the stop');
select is(r.reason, 'LATER_LEG', 'whose cancel is requested') from trade.order_requests as r;
select is(e ->> 'event', 'order.acknowledged', 'the run''s audit tells of it') from jsonb_array_elements(decide.order_events(repeat('2', 32), 1)) as e
where e -> 'body' ->> 'leg' = 'stop';
select fixtures.done();
select is(pg_temp.claimed(), 'nothing', 'nothing leaves before the stop has its terminal fact');
select is(trade.protect_positions('test'), 0, 'and no other stop is placed');
savepoint waiting;
select pg_temp.stop_ended();
select is(pg_temp.claimed(), 'exit', 'then the exit does');
rollback to waiting;
select pg_temp.stop_filled(100);
select is(pg_temp.claimed(), 'nothing', 'the stop fired: there is nothing left to sell');
select is(pg_temp.orders(), 'exit REJECTED reduce_only <- stop', 'the exit ends by the rule''s name');
rollback to waiting;
select pg_temp.stop_filled(40), pg_temp.stop_ended();
select is(pg_temp.claimed(), 'nothing', 'it fired in part: the exit would sell more than is left');
select is(trade.protect_positions('test'), 1, 'what is left is protected again');
select is(concat_ws(' ', trim_scale(o.quantity), o.revision), '60 1', 'all of it, by the next revision') from trade.orders as o where o.leg = 'stop' and o.closed_at is null;
rollback to waiting;
-- A kill while it waits: the exit may not leave, so it may not keep the position unprotected either.
insert into ops.kill_sources (source, reason, engaged_by, engaged_at) values ('row', 'test', 'test', ops.now());
select pg_temp.stop_ended();
select is(pg_temp.claimed(), 'nothing', 'a kill keeps the exit back');
select is(trade.cancel_entries('test'), 1, 'which ends it');
select is(trade.protect_positions('test'), 1, 'so that the stop comes back');
select is(pg_temp.claimed(), 'stop', 'and leaves (B8)');
rollback to s;
-- For a session that is over: it could never leave, so nothing makes way for it.
select ops.advance_clock('2020-01-07 21:00+00');
select is(concat_ws(' ', p.state, p.refused_by), 'REJECTED SESSION_OVER', 'an exit of a late cycle')
from fixtures.place_next('[{"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": 100}]') as p;
select is(pg_temp.orders(), 'stop ACKNOWLEDGED, exit REJECTED SESSION_OVER', 'the stop rests on');
select is(count(*), 0::bigint, 'nobody is asked to take it away') from trade.order_requests;
rollback to s;
-- More of a position with a stop.
select is(p.state, 'PENDING', 'an entry beside a resting stop') from fixtures.place_next('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 50}]') as p;
select fixtures.done();
select is(pg_temp.orders(), 'entry PENDING <- stop, stop ACKNOWLEDGED', 'waits for it as well: it is an opposite order');
savepoint waiting;
select pg_temp.stop_ended();
select is(pg_temp.claimed(), 'entry', 'and leaves once it is gone');
rollback to waiting;
select pg_temp.stop_filled(100);
select is(pg_temp.claimed(), 'nothing', 'a stop that fired refuses the entry behind it');
select is(o.refused_by, 'earlier_leg', 'by name') from trade.orders as o where o.leg = 'entry';
rollback to waiting;
select pg_temp.stop_filled(1), pg_temp.stop_ended();
select is(pg_temp.claimed(), 'nothing', 'also one that fired in part');
rollback to s;
-- What filled before the entry was decided is no surprise.
select pg_temp.stop_filled(40);
select fixtures.place_next('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 50}]');
select fixtures.done(), pg_temp.stop_ended();
select is(pg_temp.claimed(), 'entry', 'only what fills after it was placed counts');
rollback to s;
-- A flip: the entry of the other side behind the exit, the exit behind the stop.
select fixtures.place_next('[{"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": 100}, {"symbol": "AAA", "leg": "entry", "side": "SELL", "quantity": 50}]');
select fixtures.done(), pg_temp.stop_ended();
select is(pg_temp.claimed(), 'exit', 'close');
select is(pg_temp.claimed(), 'nothing', 'the entry waits');
savepoint waiting;
select trade.record_fill('test', 'x', o.client_order_id, 100, 100, 0, 'raw', '2020-01-07', ops.now()) from trade.orders as o where o.leg = 'exit';
select is(pg_temp.claimed(), 'entry', 'before flip');
rollback to waiting;
select trade.record_end(o.client_order_id, 'EXPIRED', 'day over', o.fencing_token) from trade.orders as o where o.leg = 'exit';
select is(pg_temp.claimed(), 'nothing', 'what did not close does not flip');
select is(o.refused_by, 'earlier_leg', 'nor reduce by an entry') from trade.orders as o where o.leg = 'entry';
rollback to s;
-- A stop that never left ends here.
select pg_temp.stop_ended(), trade.protect_positions('test');
select fixtures.place_next('[{"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": 100}]');
select fixtures.done();
select is(pg_temp.claimed(), 'exit', 'a stop that never left makes way at once');
select is(count(*), 0::bigint, 'without asking anybody') from trade.order_requests as r where r.settled_at is null;
rollback to s;
-- Everything else that stands against it.
select results_eq($$select * from fixtures.place_next('[{"symbol": "CCC", "leg": "entry", "side": "BUY", "quantity": 5, "order_type": "LIMIT", "limit_price": 190},
    {"symbol": "CCC", "leg": "hedge", "side": "SELL", "quantity": 5}]')$$,
    $$values ('CCC', 'PENDING', null), ('CCC', 'REJECTED', 'NO_OPPOSITE_RESTING')$$, 'an order against a live one is refused by name');
select results_eq($$select * from fixtures.place_next('[{"symbol": "AAA", "leg": "liquidation", "side": "SELL", "quantity": 100}]')$$,
    $$values ('AAA', 'REJECTED', 'STATE_ALLOW')$$, 'what is refused');
select is(count(*), 0::bigint, 'makes nobody make way') from trade.order_requests as r where r.settled_at is null;

select * from finish();
rollback;
