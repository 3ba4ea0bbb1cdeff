-- Proves: an action that cannot be is refused before any of its batch is stored (MQ110), and only such a one.
begin;
select plan(23);
select fixtures.feed();
create temporary table opened as select fixtures.batch() as batch_id;
create function pg_temp.state(p_days text, p_kinds text, p_factors text, p_amounts text) returns void language sql as $$
    select market.refuse_impossible_actions(
        b, '2020-01-03', '2020-01-08', p_days::date[], p_kinds::text[], p_factors::float8[], p_amounts::float8[]
    )
    from market.ingest_batches as b join opened as o on o.batch_id = b.batch_id
$$;

select lives_ok($$select pg_temp.state('{}', '{}', '{}', '{}')$$, 'none at all');
select lives_ok(
    $$select pg_temp.state('{2020-01-03,2020-01-03,2020-01-08}', '{split,dividend,split}', '{2,1.01,0.5}', '{2,0,NULL}')$$,
    'both bounds, two kinds of one date, an amount of nothing, one that is not known'
);
select throws_ok($$select pg_temp.state('{2020-01-02}', '{split}', '{2}', '{1}')$$, 'MQ110', null, 'before the range');
select throws_ok($$select pg_temp.state('{2020-01-09}', '{split}', '{2}', '{1}')$$, 'MQ110', null, 'after it');
select throws_ok($$select pg_temp.state('{2020-01-04}', '{split}', '{2}', '{1}')$$, 'MQ110', null, 'on a Saturday');
select throws_ok($$select pg_temp.state('{NULL}', '{split}', '{2}', '{1}')$$, 'MQ110', null, 'on no date');
select throws_ok($$select pg_temp.state('{2020-01-03}', '{merger}', '{2}', '{1}')$$, 'MQ110', null, 'of an unknown kind');
select throws_ok($$select pg_temp.state('{2020-01-03}', '{NULL}', '{2}', '{1}')$$, 'MQ110', null, 'of no kind');
select throws_ok($$select pg_temp.state('{2020-01-03}', '{split}', '{0}', '{1}')$$, 'MQ110', null, 'a factor of zero');
select throws_ok($$select pg_temp.state('{2020-01-03}', '{split}', '{NaN}', '{1}')$$, 'MQ110', null, 'a factor that is no number');
select throws_ok($$select pg_temp.state('{2020-01-03}', '{split}', '{}', '{}')$$, 'MQ110', null, 'no factor');
select throws_ok($$select pg_temp.state('{2020-01-03}', '{split}', '{2}', '{-1}')$$, 'MQ110', null, 'a negative amount');
select throws_ok($$select pg_temp.state('{2020-01-03}', '{split}', '{2}', '{Infinity}')$$, 'MQ110', null, 'an endless amount');
select throws_ok(
    $$select pg_temp.state('{2020-01-03,2020-01-03}', '{split,split}', '{2,2}', '{1,1}')$$, 'MQ110', null, 'stated twice a date'
);
select throws_ok($$select pg_temp.state('{2020-01-03}', '{split}', '{2,3}', '{1}')$$, 'MQ110', null, 'a factor without a date');

select lives_ok($$select pg_temp.state('{2020-01-03,2020-01-06}', '{split,split}', '{1e-6,1e6}', '{1e-12,999999999999}')$$, 'at the bounds');
select throws_ok($$select pg_temp.state('{2020-01-03}', '{split}', '{9.9e-7}', '{1}')$$, 'MQ110', null, 'below the least factor');
select throws_ok($$select pg_temp.state('{2020-01-03}', '{split}', '{1.1e6}', '{1}')$$, 'MQ110', null, 'above the greatest');
select throws_ok($$select pg_temp.state('{2020-01-03}', '{split}', '{1e-300}', '{1}')$$, 'MQ110', null, 'as good as none');
select throws_ok($$select pg_temp.state('{2020-01-03}', '{dividend}', '{2}', '{1e300}')$$, 'MQ110', null, 'an amount that is no price');
select throws_ok(
    $$select pg_temp.state('{2020-01-03,2020-01-06,2020-01-07}', '{split,split,split}', '{1e6,1e-6,1e4}', '{1,1,1}')$$, 'MQ110', null,
    'possible one by one, of no price together'
);
insert into market.corporate_actions (provider, symbol, ex_date, kind, revision, factor, amount, batch_id, known_at, recorded_at)
select b.provider, b.symbol, d.ex_date, 'split', d.revision, d.factor, 1, b.batch_id, '2020-01-02', '2020-01-02'
from market.ingest_batches as b join opened as o on o.batch_id = b.batch_id
    cross join (values ('2020-01-02'::date, 0, 1e6), ('2020-01-03', 0, 1e6), ('2020-01-09', 0, 1e6), ('2020-01-09', 1, 10)) as d (ex_date, revision, factor);
select lives_ok($$select pg_temp.state('{2020-01-03}', '{split}', '{1e6}', '{1}')$$, 'with what was stated before: the newest, and not what it restates');
select throws_ok($$select pg_temp.state('{2020-01-03,2020-01-06}', '{split,split}', '{1e6,1e3}', '{1,1}')$$, 'MQ110', null, 'no further');

select * from finish();
rollback;
