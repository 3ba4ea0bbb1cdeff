-- Proves: a session that lost its elected bar is told; one whose only bars are of another basis is not.
begin;
select plan(3);
select fixtures.feed();
do $$ begin
    perform fixtures.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 5], ["2020-01-03", 10, 11, 9, 10, 5]]');
    perform fixtures.take('adj_c', '[["2020-01-06", null, null, null, 10, 5]]');
end $$;
select is_empty('select * from market.unelected_bars()', 'what ingest stores it elects, of the instrument''s basis');
delete from market.price_history where session = '2020-01-03';
select results_eq(
    'select * from market.unelected_bars()', $$values ('TST'::text, '2020-01-03'::date)$$, 'an elected bar that is gone is told'
);
set local role fund_ingestor;
select lives_ok('select * from market.unelected_bars()', 'the ingestor asks');
select * from finish();
rollback;
