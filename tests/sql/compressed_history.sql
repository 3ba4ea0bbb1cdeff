-- Proves: bars in compressed chunks answer and take writes like any others (I24): known ones are known again, a late revision, an
-- election and an earlier state come out the same with TimescaleDB, where the chunks are compressed here, and without.
begin;
select plan(14);
select fixtures.feed();

create function pg_temp.has_timescaledb() returns boolean language sql as $$
    select exists (select from pg_catalog.pg_extension as e where e.extname = 'timescaledb')
$$;
-- Compresses every chunk of a relation; returns how many there are, NULL without TimescaleDB.
create function pg_temp.compress(p_relation text) returns bigint language plpgsql as $$
declare
    v_chunks bigint;
begin
    if not pg_temp.has_timescaledb() then
        return null;
    end if;
    execute 'select count(public.compress_chunk(c, if_not_compressed => true)) from public.show_chunks($1::regclass) as c'
    into v_chunks using p_relation;
    return v_chunks;
end;
$$;

do $$ begin
    perform fixtures.take('raw_b', '[["2020-01-02", 10, 11, 9, 10, 5], ["2020-01-03", 10, 11, 9, 10, 5],
        ["2020-01-06", 10, 12, 9, 11, 5]]');
end $$;
create temporary table before as select p.* from market.prices_as_of('infinity', 'infinity') as p;
create temporary table instants as select clock_timestamp() as compressed_at;
select ok(
    coalesce(pg_temp.compress('market.provider_bars') + pg_temp.compress('market.price_history') >= 2, true),
    'with TimescaleDB the bars are compressed'
);

select results_eq(
    'select p.* from market.prices_as_of(''infinity'', ''infinity'') as p order by p.session',
    'select b.* from before as b order by b.session', 'what was stored is read to the bit'
);
select results_eq(
    $$select rows_added, rows_revised, rows_unchanged from fixtures.take('raw_b', '[["2020-01-02", 10, 11, 9, 10, 5],
        ["2020-01-03", 10, 11, 9, 10, 5], ["2020-01-06", 10, 12, 9, 11, 5]]')$$,
    $$values (0, 0, 3)$$, 'what is known is known'
);
select results_eq(
    $$select rows_added, rows_revised, rows_unchanged from fixtures.take('raw_b', '[["2020-01-03", 10, 11, 9, 10.5, 5],
        ["2020-01-07", 10, 12, 9, 11, 5]]')$$,
    $$values (1, 1, 0)$$, 'a late revision and a new bar go in'
);
select results_eq(
    $$select rows_added, rows_superseded from fixtures.take('raw_a', '[["2020-01-06", 10, 12, 9, 10.75, 5]]')$$,
    $$values (1, 1)$$, 'a better source''s bar is elected'
);
select results_eq(
    'select h.session, h.close, h.provider, h.revision from market.price_history as h order by h.session',
    $$values ('2020-01-02'::date, 10::float8, 'raw_b', 0), ('2020-01-03', 10.5, 'raw_b', 1), ('2020-01-06', 10.75, 'raw_a', 0),
        ('2020-01-07', 11, 'raw_b', 0)$$, 'one bar a session'
);
select results_eq(
    $$select p.* from market.prices_as_of('infinity', (select i.compressed_at from instants as i)) as p order by p.session$$,
    'select b.* from before as b order by b.session', 'and the earlier state is still told'
);
select is(
    (select w.close from market.weekly_bars as w where w.week_start = '2019-12-30'), 10.5::float8, 'the week sees the revision'
);
select ok(
    coalesce(pg_temp.compress('market.provider_bars') + pg_temp.compress('market.price_history') >= 2, true), 'compressed again'
);
select is((select count(*) from market.provider_bars), 6::bigint, 'every revision is there');
-- Six batches: a routine's plan is its own for five calls, and then one for all, which can exclude less.
create function pg_temp.unpacked() returns bigint language plpgsql as $$
declare
    v_chunk regclass;
    v_rows bigint;
    v_all bigint := 0;
begin
    for i in 1 .. 6 loop
        perform fixtures.take('raw_a', '[["2020-01-06", 10, 12, 9, 10.75, 5]]');
        perform fixtures.take('raw_b', '[["2020-01-07", 10, 12, 9, 11, 5]]');
    end loop;
    if not pg_temp.has_timescaledb() then
        return null;
    end if;
    for v_chunk in execute 'select public.show_chunks($1::regclass)' using 'market.price_history' loop
        execute format('select count(*) from only %s', v_chunk) into v_rows;
        v_all := v_all + v_rows;
    end loop;
    return v_all;
end;
$$;
select is(coalesce(pg_temp.unpacked(), 0), 0::bigint, 'a batch that changes nothing unpacks nothing, nor does the sixth');
create temporary table payloads as select r.* from market.provider_responses as r;
select ok(coalesce(pg_temp.compress('market.provider_responses') >= 1, true), 'so are the payloads');
select results_eq(
    'select r.* from market.provider_responses as r order by r.payload_id', 'select p.* from payloads as p order by p.payload_id',
    'which stay what they were, byte for byte'
);

create function pg_temp.policies() returns bigint language plpgsql as $$
declare
    v_jobs bigint;
begin
    if not pg_temp.has_timescaledb() then
        return null;
    end if;
    execute $sql$
        select count(*) from timescaledb_information.jobs as j
        where j.proc_name = 'policy_compression' and j.hypertable_schema = 'market' and j.owner = 'fund_history'::regrole
    $sql$ into v_jobs;
    return v_jobs;
end;
$$;
select is(coalesce(pg_temp.policies(), 3), 3::bigint, 'with TimescaleDB fund_history''s jobs compress what is old');

select * from finish();
rollback;
