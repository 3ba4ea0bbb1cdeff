-- Proves: a backfill that is not over goes on, in one process at a time.
begin;
select plan(17);
select fixtures.feed();

create function pg_temp.open(p_worker text, p_last date default '2020-01-07', p_restart boolean default false) returns bigint language sql as $$
    select b.backfill_id from market.open_backfill('auto', '2020-01-02', p_last, '{TST}', p_worker, 30, p_restart) as b
$$;
create temporary table first_run as select pg_temp.open('one') as backfill_id;
select results_eq(
    'select b.state, b.worker, b.last_session from market.backfills as b', $$values ('OPEN', 'one', date '2020-01-07')$$, 'a first run opens one'
);
select results_eq('select symbol, state from market.backfill_items', $$values ('TST', 'PENDING')$$, 'with an item a symbol');
select is(pg_temp.open('two'), null, 'another process does not get it');
select results_eq('select pg_temp.open(''one'')', 'select backfill_id from first_run', 'its own does');
update market.backfills set leased_until = '-infinity';
select results_eq(
    'select pg_temp.open(''two'', null)', 'select backfill_id from first_run',
    'nor is a dead one''s lost: while something waits, the same words go on with it'
);
update market.backfill_items set state = 'FAILED', reason = 'x', finished_at = clock_timestamp();
select results_eq('select pg_temp.open(''two'')', 'select backfill_id from first_run', 'so do the same dates');
select results_eq('select state, reason from market.backfill_items', $$values ('PENDING', null::text)$$, 'what failed is tried again');
update market.backfill_items set state = 'FAILED', reason = 'x', finished_at = clock_timestamp();
select isnt(
    pg_temp.open('two', null), (select backfill_id from first_run),
    'where all was asked for, the same words mean the days that came since'
);
select results_eq(
    'select b.state, b.last_session from market.backfills as b order by b.backfill_id',
    $$values ('ABANDONED', date '2020-01-07'), ('OPEN', '2020-01-08')$$, 'up to today, and the old one is given up'
);
select isnt(pg_temp.open('two', '2020-01-08', true), null, 'a restart begins anew');
select results_eq(
    'select b.state from market.backfills as b order by b.backfill_id', $$values ('ABANDONED'), ('ABANDONED'), ('OPEN')$$,
    'and gives the open one up'
);
select throws_ok($$select pg_temp.open('two', '2020-01-01')$$, 'MQ523', null, 'a window that is none is refused');

-- Two of one start, each with a symbol that failed: the words without an end mean the one that comes furthest, whichever is older.
update market.backfill_items set state = 'FAILED', reason = 'x', finished_at = clock_timestamp();
update market.backfills set state = 'ABANDONED', closed_at = clock_timestamp() where state = 'OPEN';
select isnt(pg_temp.open('two', '2020-01-07'), null, 'one that ended yesterday');
update market.backfill_items set state = 'FAILED', reason = 'x', finished_at = clock_timestamp();
create temporary table open_ones as select pg_temp.open('two', '2020-01-08') as newest;
update market.backfill_items set state = 'FAILED', reason = 'x', finished_at = clock_timestamp();
select results_eq('select pg_temp.open(''two'', null)', 'select o.newest from open_ones as o', 'the older one beside today''s is not begun again');
update market.backfills set worker = 'three', leased_until = 'infinity' where backfill_id = (select o.newest from open_ones as o);
select is(pg_temp.open('two', null), null, 'nor is today''s taken from who works on it');
update market.backfills set leased_until = '-infinity';
select isnt(pg_temp.open('two', null, true), null, 'a restart begins anew beside two');
select results_eq(
    $$select b.state, b.last_session from market.backfills as b where b.state = 'OPEN'$$, $$values ('OPEN', date '2020-01-08')$$,
    'and gives both up'
);

select * from finish();
rollback;
