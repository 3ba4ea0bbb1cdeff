-- Proves: of a period the newest revision of the batch's source, and the newest words of one filing.
begin;
select plan(4);
select fixtures.feed();
select fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement(), fixtures.statement('{"accession": "a-2", "revenue": 90}')));
select fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement('{"revenue": 77}')));
create function pg_temp.latest(p_provider text, p_months integer, p_filing text) returns table (newest integer, content text) language plpgsql as $$
declare v_batch bigint := fixtures.batch(p_provider);
begin
    return query select s.* from market.ingest_batches as b cross join market.stored_statement(b, '2018-12-31', p_months, p_filing) as s
    where b.batch_id = v_batch;
end;
$$;
select results_eq($$select newest, content ~ ',77,' from pg_temp.latest('raw_a', 12, 'a-1')$$, $$values (2, true)$$, 'a corrected filing');
select results_eq($$select newest, content ~ ',90,' from pg_temp.latest('raw_a', 12, 'a-2')$$, $$values (2, true)$$, 'another one');
select results_eq($$select newest, content from pg_temp.latest('raw_a', 12, 'a-9')$$, $$values (2, null::text)$$, 'one that is new');
select results_eq($$select newest, content from pg_temp.latest('raw_b', 12, 'a-1')$$, $$values (-1, null::text)$$, 'another source');
select * from finish();
rollback;
