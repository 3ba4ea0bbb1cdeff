-- Proves: I24: a bar edited in place is named, field by field.
begin;
select plan(5);
select fixtures.fund();
select is_empty('select * from market.altered_bars()', 'nothing was edited');
update market.price_history set close = 101.5, high = 'NaN' where symbol = 'AAA' and session = '2013-02-27';
select results_eq('select symbol, session, field, elected, received from market.altered_bars()', $$ values ('AAA', '2013-02-27'::date, 'close', 101.5::float8, 100::float8), ('AAA', '2013-02-27', 'high', 'NaN', 101) $$, 'bar and fields');
select is_empty($$ select * from market.altered_bars(array['BBB']) $$, 'of the symbols asked for');
select results_eq($$ select count(*) from market.altered_bars(array['AAA', 'BBB']) $$, 'values (2::bigint)', 'among others');
insert into market.price_history
select (jsonb_populate_record(h, '{"session": "2013-02-28"}')).* from market.price_history as h where h.symbol = 'BBB' and h.session = '2013-02-27';
select is((select count(*) from market.altered_bars(array['BBB']) as b where b.received is null), 5::bigint, 'a bar nobody sent');
select * from finish();
rollback;
