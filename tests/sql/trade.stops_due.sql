-- Proves: B8, D14, F15 (what should rest, and what does).
begin;
select plan(8);

create function pg_temp.due() returns text language sql as $$
    select string_agg(concat_ws(' ', d.symbol, coalesce(d.side, '-'), coalesce(trim_scale(d.quantity)::text, '-'), coalesce(trim_scale(d.stop_price)::text, '-'), d.time_in_force,
        d.trade_session, d.resting is not null, d.fits, d.busy), ', ' order by d.symbol) from trade.stops_due('test') as d
$$;
select fixtures.resting();
select is(pg_temp.due(), 'AAA SELL 100 95.01 GTC 2020-01-07 t t f', 'what rests is what should');
savepoint s;
select fixtures.hold('BBB', -7.5), fixtures.redecided('BBB', 51);
select is(pg_temp.due(), 'AAA SELL 100 95.01 GTC 2020-01-07 t t f, BBB BUY 7.5 51 DAY 2020-01-07 f f f', 'a short is bought back');
rollback to s;
select fixtures.hold('AAA', -300);
select is(pg_temp.due(), 'AAA BUY 200 95 GTC 2020-01-07 t f f', 'turned: the stop of the other side is no bound');
rollback to s;
select fixtures.hold('AAA', -99.99995);
select is(pg_temp.due(), 'AAA SELL - 95.01 2020-01-07 t f f', 'less than a ten-thousandth of a share is nothing to protect');
rollback to s;
select fixtures.next_cycle();
select fixtures.place_next('[{"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": 1}]');
select is(pg_temp.due(), 'AAA SELL 100 95.01 GTC 2020-01-07 t t t', 'another order is live');
rollback to s;
alter table decide.cycles disable trigger all;
update decide.cycles set mode = 'shadow';
select is((select d.cycle_id from trade.stops_due('test') as d), null, 'what a shadow cycle decided protects nothing');
rollback to s;
alter table decide.decisions disable trigger all;
update decide.decisions set stop_loss = null;
select is(pg_temp.due(), 'AAA SELL 100 95.01 GTC 2020-01-07 t t f', 'a session without a stop keeps the one that rests');
delete from decide.decisions;
select is((select d.cycle_id from trade.stops_due('test') as d), null, 'without a decision there is no cycle to place another one for');

select * from finish();
rollback;
