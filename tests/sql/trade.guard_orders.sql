-- Proves: I3, I9 (birth, wish and states of an order, also against its owner); MQ306, MQ307, MQ308, MQ309.
begin;
select plan(21);

select fixtures.desk();
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 10}]');
-- Every pair of states, from a row that stands in the first: moved by the table's owner, allowed exactly where the table says so.
create function pg_temp.try_move(p_from text, p_to text) returns boolean language plpgsql as $$
begin
    alter table trade.orders disable trigger orders_move_by_rule;
    update trade.orders set state = p_from, refused_by = null, post_attempt = 1, closed_at = null;
    alter table trade.orders enable always trigger orders_move_by_rule;
    set local role fund_owner;
    update trade.orders set state = p_to;
    raise exception using errcode = 'TTTTT';
exception
    when sqlstate 'TTTTT' then return true;
    when sqlstate 'MQ307' then return false;
end;
$$;
select bag_eq(
    $$select a.state as from_state, b.state as to_state from trade.order_states as a, trade.order_states as b where a.state <> b.state and pg_temp.try_move(a.state, b.state)$$,
    'select from_state, to_state from trade.order_transitions', 'the owner moves a state along the transitions, and along no other pair'
);
reset role;
set local session_replication_role = 'replica';
select throws_ok($$update trade.orders set state = 'FILLED'$$, 'MQ307', null, 'a superuser who switches triggers off meets it: it is always enabled');
select throws_ok($$delete from trade.orders$$, 'MQ308', null, 'no order is deleted');
select throws_ok($$truncate trade.orders cascade$$, 'MQ308', null, 'none is truncated');
set local session_replication_role = 'origin';
select throws_ok($$update trade.orders set quantity = 11$$, 'MQ306', null, 'the quantity never changes');
select throws_ok($$update trade.orders set trade_session = '2020-01-08'$$, 'MQ306', null, 'nor the session it expires with');
select throws_ok($$update trade.orders set config_sha256 = repeat('b', 64)$$, 'MQ306', null, 'nor the configuration it was placed under');
select throws_ok($$update trade.orders set client_order_id = 'x'$$, 'MQ306', null, 'nor its id');
select is(
    array(
        select a.attname::text from pg_attribute as a
        where a.attrelid = 'trade.orders'::regclass and a.attnum > 0 and not a.attisdropped and a.attname not in (
            'state', 'refused_by', 'unsent', 'in_doubt', 'post_attempt', 'lease_owner', 'lease_until', 'fencing_token', 'broker_order_id',
            'submitted_at', 'closed_at', 'doubt_since', 'looked_up_at', 'lookup_count', 'broker_filled_quantity'
        ) order by a.attnum
    ),
    array['client_order_id', 'account', 'cycle_id', 'run', 'symbol', 'leg', 'revision', 'side', 'quantity', 'order_type', 'time_in_force',
        'limit_price', 'stop_price', 'reference_price', 'price_basis', 'trade_session', 'config_sha256', 'placed_at', 'recorded_at', 'waits_for', 'waits_for_filled'],
    'the wish is every column that is not named as moving'
);
savepoint refused;
update trade.orders set refused_by = 'x';
select throws_ok($$update trade.orders set refused_by = 'y'$$, 'MQ307', null, 'what refused it stays');
rollback to refused;
update trade.orders set state = 'SUBMITTED', fencing_token = 5, post_attempt = 2;
select throws_ok($$update trade.orders set fencing_token = 4$$, 'MQ307', null, 'a fencing token never falls');
select throws_ok($$update trade.orders set post_attempt = 1$$, 'MQ307', null, 'nor do POSTs');
update trade.orders set state = 'ACKNOWLEDGED', broker_order_id = 'b', broker_filled_quantity = 3;
select throws_ok($$update trade.orders set broker_filled_quantity = 2$$, 'MQ307', null, 'what the broker filled never falls');
select throws_ok($$update trade.orders set broker_order_id = 'c'$$, 'MQ307', null, 'the broker''s id stays');
update trade.orders set state = 'FILLED', closed_at = ops.now();
select throws_ok($$update trade.orders set in_doubt = true$$, 'MQ307', null, 'a terminal row is never touched again');
create function pg_temp.born(p_change jsonb) returns void language sql as $$
    insert into trade.orders
    select (jsonb_populate_record(o, '{"client_order_id": "new", "leg": "exit", "post_attempt": 0, "broker_order_id": null, "state": "PENDING"}'::jsonb || p_change)).*
    from trade.orders as o
$$;
select throws_ok($$select pg_temp.born('{"state": "SUBMITTED"}')$$, 'MQ309', null, 'no order is born submitted');
select throws_ok($$select pg_temp.born('{"state": "FILLED"}')$$, 'MQ309', null, 'nor filled');
select throws_ok($$select pg_temp.born('{"state": "REJECTED"}')$$, 'MQ309', null, 'nor rejected by nothing');
select throws_ok($$select pg_temp.born('{"refused_by": "x"}')$$, 'MQ309', null, 'nor pending and refused');
select throws_ok($$select pg_temp.born('{"post_attempt": 1}')$$, 'MQ309', null, 'nor sent');
select lives_ok($$select pg_temp.born('{}')$$, 'an order is born pending');

select * from finish();
rollback;
