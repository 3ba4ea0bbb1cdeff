-- Proves: an item is settled by who holds its backfill, DONE for good or FAILED for a reason, and the last one ends it.
begin;
select plan(8);
select fixtures.feed();
insert into ref.instruments
select 'TWO', i.name, i.asset_class, i.calendar, i.currency, i.price_kind, i.price_basis, i.tradable, i.shortable, i.is_benchmark
from ref.instruments as i where i.symbol = 'TST';

create temporary table opened as
select b.backfill_id from market.open_backfill('auto', '2020-01-02', '2020-01-07', '{TST,TWO}', 'one', 30, false) as b;
create temporary table asked as select fixtures.fetch() as fetch_id;
create function pg_temp.settle(p_symbol text, p_worker text, p_reason text default null, p_lease integer default 30) returns void language sql as $$
    select market.settle_item(o.backfill_id, p_symbol, case when p_reason is null then a.fetch_id end, p_reason, p_worker, p_lease)
    from opened as o cross join asked as a
$$;
select throws_ok($$select pg_temp.settle('TST', 'two')$$, 'MQ524', null, 'another process is refused');
select pg_temp.settle('TST', 'one', 'no source has it');
select results_eq('select state, reason from market.backfill_items where symbol = ''TST''', $$values ('FAILED', 'no source has it')$$, 'FAILED has its reason');
select is((select state from market.backfills), 'OPEN', 'and leaves the backfill open');
select pg_temp.settle(null, 'one', 'x', 0);
select ok((select leased_until <= clock_timestamp() from market.backfills), 'without an item only the lease moves');
select pg_temp.settle('TST', 'one');
select results_eq(
    'select i.state, i.fetch_id from market.backfill_items as i where i.symbol = ''TST''', 'select ''DONE'', fetch_id from asked', 'DONE has its asking'
);
select throws_ok($$select pg_temp.settle('TST', 'one')$$, 'MQ524', null, 'what is DONE is settled');
select is((select state from market.backfills), 'OPEN', 'while another waits');
select pg_temp.settle('TWO', 'one');
select is((select state from market.backfills), 'DONE', 'and the last one ends the backfill');

select * from finish();
rollback;
