-- Proves: a filing or headline that was set aside leads to its source and payload.
begin;
select plan(1);
select fixtures.feed();
select fixtures.tell('news', jsonb_build_array(fixtures.story('{"headline": ""}')));
select fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement(), fixtures.statement('{"form": null}')), 'raw_b');
set local role fund_analyst;
select results_eq(
    'select q.kind, q.symbol, q.reason, q.provider, q.row_number, q.payload_id is not null from audit.quarantined_facts as q order by 1',
    $$values ('fundamentals', 'TST', 'NO_FORM', 'raw_b', 2, true), ('news', 'TST', 'EMPTY_HEADLINE', 'raw_a', 1, true)$$, 'as received'
);
reset role;
select * from finish();
rollback;
