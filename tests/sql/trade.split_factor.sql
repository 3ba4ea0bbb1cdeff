-- Proves: D14 (a stop is re-based on a split).
begin;
select plan(5);

select fixtures.unprotected();
create function pg_temp.split(p_symbol text, p_date date, p_factor float8) returns void language sql as $$
    insert into market.corporate_actions
    select (jsonb_populate_record(null::market.corporate_actions, jsonb_build_object('symbol', p_symbol, 'ex_date', p_date, 'kind', 'split', 'provider', 'tester',
        'revision', 0, 'factor', p_factor, 'amount', 0, 'batch_id', 1, 'known_at', p_date + time '14:30', 'recorded_at', ops.now()))).*
$$;
set local session_replication_role = 'replica';  -- no batch of a source behind them
select pg_temp.split('AAA', '2020-01-07', 2), pg_temp.split('AAA', '2020-01-08', 1.5);
set local session_replication_role = 'origin';
select is(trade.split_factor('AAA', '2020-01-06', '2020-01-08'), 1::numeric, 'what is not known yet is not counted');
select ops.advance_clock('2020-01-08 15:00+00');
select is(trim_scale(trade.split_factor('AAA', '2020-01-06', '2020-01-08')), 3::numeric, 'two splits');
select is(trim_scale(trade.split_factor('AAA', '2020-01-07', '2020-01-08')), 1.5, 'that of the session itself is in its price');
select is(trim_scale(trade.split_factor('AAA', '2020-01-06', '2020-01-07')), 2::numeric, 'nor one after');
select is(trim_scale(d.stop_price), 31.67, 'the stop decided before is a third of 95.001, rounded towards the price') from trade.stops_due('test') as d;

select * from finish();
rollback;
