-- Proves: I3, I21 (row and event together).
begin;
select plan(2);

select fixtures.desk();
create function pg_temp.insert(p_leg text, p_refused_by text) returns void language sql as $$
    select trade.insert_order(trade.basket(repeat('1', 32), 1), i, p_leg, c, p_refused_by, '[{"limit_name": "x"}]')
    from jsonb_populate_record(null::govern.order_intents, jsonb_build_object('symbol', 'AAA', 'leg', p_leg, 'side', 'BUY', 'quantity', 5, 'order_type', 'MARKET', 'time_in_force', 'DAY', 'revision', 0)) as i,
        trade.order_context(trade.basket(repeat('1', 32), 1), i, trade.order_book('test', '2020-01-06', array['AAA']), false) as c
$$;
select pg_temp.insert('entry', null), pg_temp.insert('hedge', 'x');
select results_eq($$select client_order_id, state, refused_by, unsent, closed_at is not null, reference_price, price_basis, trade_session from trade.orders order by 1$$,
    $$values ('entry', 'PENDING', null, false, false, 100::double precision, 'raw', date '2020-01-07'), ('hedge', 'REJECTED', 'x', true, true, 100, 'raw', '2020-01-07')$$, 'the rows');
select results_eq($$select event, to_state, detail ->> 'refused_by', detail ->> 'order_value' from trade.order_events order by 1$$,
    $$values ('placed', 'PENDING', null, '500'), ('refused', 'REJECTED', 'x', '500')$$, 'the events');

select * from finish();
rollback;
