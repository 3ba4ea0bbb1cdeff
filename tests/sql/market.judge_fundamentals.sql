-- Proves: rows of one statement that differ are all set aside, equal ones count once, and revisions are numbered in the order of filing.
begin;
select plan(5);
select fixtures.feed();
create function pg_temp.judged(p_rows jsonb) returns table (row_number integer, reason text, is_duplicate boolean, accepted boolean, revision integer, corrects boolean)
language sql as $$
    select j.row_number, j.reason, j.is_duplicate, j.accepted, j.revision, j.corrects
    from market.judge_fundamentals(
        (select b from market.ingest_batches as b where b.batch_id = (select max(batch_id) from market.ingest_batches)), p_rows, '2020-01-08 12:00Z'
    ) as j order by 1
$$;
select fixtures.batch();
select results_eq(
    $$select * from pg_temp.judged(jsonb_build_array(fixtures.statement(), fixtures.statement('{"revenue": 100.5}'), fixtures.statement('{"accession": "a-2"}'),
        fixtures.statement('{"accession": "a-2", "revenue": "100"}'), fixtures.statement('{"form": null}')))$$,
    $$values (1, 'DUPLICATE_CONFLICT', false, false, null::integer, false), (2, 'DUPLICATE_CONFLICT', true, false, null, false),
        (3, null, false, true, 0, false), (4, null, true, false, null, false), (5, 'NO_FORM', false, false, null, false)$$,
    'conflicting, equal, faulty'
);
select results_eq(
    $$select row_number, revision from pg_temp.judged(jsonb_build_array(fixtures.statement('{"accession": "a-3", "filed_at": "2019-03-01T22:00:00Z"}'),
        fixtures.statement('{"accession": "a-2"}'), fixtures.statement(), fixtures.statement('{"period_months": 3}'),
        fixtures.statement('{"accession": null, "form": "8-K"}')))$$,
    $$values (1, 3), (2, 2), (3, 1), (4, 0), (5, 0)$$, 'by instant, then number; another period begins at 0'
);
select fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement(), fixtures.statement('{"accession": "a-2", "revenue": 90}')));
select fixtures.batch();
select results_eq(
    $$select row_number, revision, corrects from pg_temp.judged(jsonb_build_array(fixtures.statement(), fixtures.statement('{"accession": "a-2"}'),
        fixtures.statement('{"accession": "a-0"}')))$$,
    $$values (1, null::integer, true), (2, 3, true), (3, 2, false)$$, 'compared with what its own filing said last'
);
set local extra_float_digits = -10;
select results_eq(
    $$select revision from pg_temp.judged(jsonb_build_array(fixtures.statement('{"revenue": 100.00000000000001}')))$$,
    $$values (2)$$, 'to the last bit, whatever the session prints'
);
reset extra_float_digits;
select is_empty($$select * from pg_temp.judged('[]')$$, 'nothing is nothing');
select * from finish();
rollback;
