-- Proves: an answer is judged as a whole: what it was not asked for, what it lacks, and its score by ruling F1 against 0.6.
begin;
select plan(14);
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
-- 2 of 4 sessions, 198 of 200 rows repeated, some without a price: 1 - 0.15 - 0.198 - 0.2 = 0.452.
select is(
    pg_temp.fault((select jsonb_agg(jsonb_build_array('2020-01-03', -1)) || '[["2020-01-02", 10]]' from generate_series(1, 199))::text),
    'LOW_SCORE: score 0.4520 below 0.6: of 200 rows 198 repeated, 199 without a price, 0 spikes; 2 of 4 sessions', 'nor one below the least score'
);
-- 3 of 4 sessions missing, half of the rows repeated: 1 - 0.225 - 0.1 = 0.675.
select is(pg_temp.fault('[["2020-01-02", 10], ["2020-01-02", 10]]'), null, 'above it the answer stands, and each row is judged by itself');
-- 1/4 missing, 1/4 repeated and one without a price: 1 - 0.075 - 0.05 - 0.2 = 0.675; with two of four missing and two repeated
-- 1 - 0.15 - 0.1 - 0.2 = 0.55: a price that is none weighs the same however many there are.
select is(
    pg_temp.fault('[["2020-01-02", 10], ["2020-01-03", 10], ["2020-01-06", "NaN"], ["2020-01-06", 10]]'), null,
    'one row without a price is set aside by itself'
);
select is(
    pg_temp.fault('[["2020-01-02", 10], ["2020-01-02", 10], ["2020-01-03", "NaN"], ["2020-01-03", "Infinity"]]'),
    'LOW_SCORE: score 0.5500 below 0.6: of 4 rows 2 repeated, 2 without a price, 0 spikes; 2 of 4 sessions', 'NaN counts as no price'
);
select is(
    pg_temp.fault('[["2020-01-02", 10], ["2020-01-02", 10], ["2020-01-03", 1e300], ["2020-01-03", 1e-300]]'),
    'LOW_SCORE: score 0.5500 below 0.6: of 4 rows 2 repeated, 2 without a price, 0 spikes; 2 of 4 sessions', 'nor is an absurd one a price'
);

-- 65 sessions that alternate by 1 %, the last or the one before it doubled: F4 wants 63 moves before.
select ref.load_sessions(
    'XNYS', 'New York Stock Exchange', 'America/New_York', array_agg(d::date order by d),
    array_agg(d + interval '14:30' order by d), array_agg(d + interval '21:00' order by d), array_agg(false order by d)
)
from generate_series('2020-01-02 00:00Z'::timestamptz, '2020-04-30Z', interval '1 day') as d
where d not in ('2020-01-04Z', '2020-01-05Z');
select ops.advance_clock('2020-08-01Z');
create function pg_temp.spikes(p_sessions integer, p_factor float8) returns text language plpgsql as $$
declare
    v_batch bigint := fixtures.batch();
    v_reason text;
begin
    insert into market.bar_landing (batch_id, row_number, session, open, high, low, close)
    select v_batch, s.n, s.session, p.price, p.price, p.price, p.price
    from (
        select s.session, row_number() over (order by s.session) as n from ref.sessions as s
        where s.session >= '2020-01-02' order by s.session limit p_sessions
    ) as s cross join lateral (select (10 + 0.1 * (s.n % 2)) * case when s.n = p_sessions then p_factor else 1 end as price) as p;
    insert into market.bar_landing (batch_id, row_number, session) select v_batch, n, '2020-01-02' from generate_series(1000, 9000) as n;
    select substring(f.reason from '[0-9]+ spikes') into v_reason from market.answer_fault(v_batch, '2020-01-02', '2020-04-30') as f;
    return v_reason;
end;
$$;
select is(pg_temp.spikes(65, 2), '1 spikes', 'a move of more than eight times the mean of the 63 before is a spike');
select is(pg_temp.spikes(65, 1.06), '0 spikes', 'a smaller one is none');
select is(pg_temp.spikes(64, 2), '0 spikes', 'nor one with fewer before it');
select is(
    (select count(*) from market.fetches as f where f.outcome is not null), 0::bigint, 'judging an answer ends nothing'
);

select * from finish();
rollback;
