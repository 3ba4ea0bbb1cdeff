-- Proves: what is stored of an asking is compared with its answers' rows bar for bar, as of the asking.
begin;
select plan(7);
select fixtures.feed();

select fixtures.take('raw_a', '[["2020-01-02", 10, 10, 10, 10, 5], ["2020-01-03", 10, 10, 10, 10, 5], ["2020-01-04", 1, 1, 1, 1, 1]]');
select fixtures.take('raw_a', '[["2020-01-02", 11, 11, 11, 11, 5]]');
select fixtures.act('{2020-01-03}', '{split}', '{2}');
create temporary table asked as
select f.fetch_id, row_number() over (order by f.fetch_id) as nth from market.fetches as f;

-- Differences of the nth asking from these rows: [session, price], and actions where given.
create function pg_temp.differences(p_nth integer, p_rows text, p_days text default null, p_factor float8 default 2) returns text
language plpgsql as $$
declare
    v_fetch bigint := (select fetch_id from asked where nth = p_nth);
begin
    insert into market.bar_landing (batch_id, row_number, session, open, high, low, close, volume)
    select -v_fetch, g.n, (g.r ->> 0)::date, (g.r ->> 1)::float8, (g.r ->> 1)::float8, (g.r ->> 1)::float8, (g.r ->> 1)::float8, 5
    from jsonb_array_elements(p_rows::jsonb) with ordinality as g (r, n);
    return (
        select string_agg(d.difference || ' ' || d.subject, ', ' order by d.subject)
        from market.bar_differences(
            v_fetch, p_days::date[], (select array_agg('split'::text) from unnest(p_days::date[])),
            (select array_agg(p_factor) from unnest(p_days::date[])), (select array_agg(1.0::float8) from unnest(p_days::date[]))
        ) as d
    );
end;
$$;
select is(
    pg_temp.differences(1, '[["2020-01-02", 10], ["2020-01-03", 10], ["2020-01-04", 1]]'), null, 'the first answer stood when it came, revised or not'
);
select is(pg_temp.differences(2, '[["2020-01-02", 11]]'), null, 'so did the revision');
select is(
    pg_temp.differences(1, '[["2020-01-02", 10.5], ["2020-01-03", 10], ["2020-01-04", 1]]'), 'bar 2020-01-02', 'another price is named'
);
select is(
    pg_temp.differences(1, '[["2020-01-02", 10], ["2020-01-03", 10]]'), '2 received, 0 set aside rows', 'so is a count that is not the batch''s'
);
select is(
    pg_temp.differences(3, '[["2020-01-03", 10]]', '{2020-01-03}'), '1 received, 0 set aside rows', 'an action as stated is no difference'
);
select is(
    pg_temp.differences(3, '[["2020-01-03", 10]]', '{2020-01-03}', 3), 'action 2020-01-03, 1 received, 0 set aside rows', 'another factor is'
);
select is((select count(*) from market.bar_landing), 0::bigint, 'nothing stays landed');

select * from finish();
rollback;
