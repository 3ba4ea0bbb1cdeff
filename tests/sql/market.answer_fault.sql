-- Proves: an answer is judged as a whole: what it was not asked for, what it lacks, and its score by ruling F1 against 0.6.
begin;
select plan(9);
select fixtures.feed();

-- The fault of an answer to 01-02 .. 01-07 of these rows: [session, close] each.
create function pg_temp.fault(p_rows text) returns text language plpgsql as $$
declare
    v_batch bigint := fixtures.batch();
    v_fault text;
begin
    insert into market.bar_landing (batch_id, row_number, session, open, high, low, close)
    select v_batch, g.n, (g.r ->> 0)::date, (g.r ->> 1)::float8, (g.r ->> 1)::float8, (g.r ->> 1)::float8, (g.r ->> 1)::float8
    from jsonb_array_elements(p_rows::jsonb) with ordinality as g (r, n);
    select f.fault || ': ' || f.reason into v_fault from market.answer_fault(v_batch, '2020-01-02', '2020-01-07') as f;
    return v_fault;
end;
$$;
select is(pg_temp.fault('[["2020-01-02", 10], ["2020-01-03", 10], ["2020-01-06", 10], ["2020-01-07", 10]]'), null, 'a whole answer is taken in');
select is(pg_temp.fault('[["2020-01-02", 10], ["2020-01-07", 10]]'), null, 'so is one with a gap: what is there is taken in');
select is(pg_temp.fault('[]'), 'EMPTY: no row from 2020-01-02 to 2020-01-07', 'an empty one is not');
select is(
    pg_temp.fault('[["2020-01-02", 10], ["2020-01-08", 10]]'), 'OUTSIDE_WINDOW: 1 rows outside 2020-01-02 to 2020-01-07', 'nor what was not asked for'
);
select is(
    pg_temp.fault('[["2020-01-02", -1], ["2020-01-03", null], ["2020-01-04", 1]]'), 'NOTHING_USABLE: none of 3 rows is a usable bar',
    'nor rows of which none is a bar'
);
-- 2 of 4 sessions, 198 of 200 rows repeated, 199 priceless: 1 - 0.15 - 0.198 - 0.199 = 0.453.
select is(
    pg_temp.fault((select jsonb_agg(jsonb_build_array('2020-01-03', -1)) || '[["2020-01-02", 10]]' from generate_series(1, 199))::text),
    'LOW_SCORE: score 0.4530 below 0.6', 'nor one below the least score'
);
-- 3 of 4 sessions missing, half of the rows repeated: 1 - 0.225 - 0.1 = 0.675.
select is(pg_temp.fault('[["2020-01-02", 10], ["2020-01-02", 10]]'), null, 'above it the answer stands, and each row is judged by itself');
-- 1/2 missing and 1/2 duplicate and 1/2 priceless: 1 - 0.15 - 0.1 - 0.1 = 0.65; what is NaN counts as a price that is none.
select is(
    pg_temp.fault('[["2020-01-02", 10], ["2020-01-02", 10], ["2020-01-03", "NaN"], ["2020-01-03", "Infinity"]]'), null, 'NaN counts as no price'
);
select is(
    (select count(*) from market.fetches as f where f.outcome is not null), 0::bigint, 'judging an answer ends nothing'
);

select * from finish();
rollback;
