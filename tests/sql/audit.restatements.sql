-- Proves: a restated bar names every cycle that saw the older value, and no other; audit.bar_revisions counts the same.
begin;
select plan(6);
select fixtures.fund();
select fixtures.cycle();
set local role fund_analyst;
select is_empty('select * from audit.restatements', 'none yet');
reset role;
create function pg_temp.restate(p_symbol text, p_revision integer, p_close double precision, p_known_at timestamptz) returns void
language sql as $$
    insert into market.provider_bars (
        provider, symbol, session, revision, open, high, low, close, volume, price_kind, price_basis, batch_id, known_at, recorded_at
    )
    select b.provider, b.symbol, b.session, p_revision, 99, 111, 98, p_close, 1000, 'ohlcv', 'raw', b.batch_id, p_known_at, clock_timestamp()
    from market.provider_bars as b where b.session = '2013-02-26' and b.symbol = p_symbol and b.revision = 0
$$;
-- Restated twice: the cycles are as of the 27th, so only what is known by then could be seen, and only if it was recorded.
select pg_temp.restate('AAA', 1, 110, '2013-02-27 12:00Z'), pg_temp.restate('AAA', 2, 105, '2013-02-28 12:00Z');
select fixtures.cycle('15:00');
set local role fund_analyst;
select results_eq(
    $$select r.symbol, r.session, r.revision, r.seen_close, r.restated_close, c.slot, r.account, r.as_of_session, r.was_elected
    from audit.restatements as r join audit.cycles as c using (cycle_id) order by r.revision, c.slot collate "C"$$,
    $$values ('AAA'::text, '2013-02-26'::date, 1, 100::float8, 110::float8, 'close'::text, 'paper'::text, '2013-02-27'::date, true),
    ('AAA', '2013-02-26', 2, 110, 105, '15:00', 'paper', '2013-02-27', true)$$,
    'the first cycle saw 100, the second 110'
);
select results_eq(
    'select b.symbol, b.revision, b.decisions_before from audit.bar_revisions as b order by b.revision',
    'select r.symbol, r.revision, count(*) from audit.restatements as r group by r.symbol, r.revision order by r.revision',
    'the count agrees'
);
reset role;
insert into ref.providers (provider, priority, price_basis, price_kind, delay_minutes, description)
values ('second', 2, 'raw', 'ohlcv', 30, 'fixture'), ('adjusted', 0, 'fully_adjusted', 'ohlcv', 30, 'fixture');
insert into market.provider_bars (
    provider, symbol, session, revision, open, high, low, close, volume, price_kind, price_basis, batch_id, known_at, recorded_at
)
select p.provider, 'BBB', '2013-02-26', g, 99, 111, 98, 101 + g, 1000, 'ohlcv', p.price_basis, b.batch_id, '2013-02-26 22:00Z',
    case g when 0 then b.recorded_at else clock_timestamp() end
from market.provider_bars as b, ref.providers as p, generate_series(0, 1) as g
where b.symbol = 'BBB' and b.session = '2013-02-26' and p.provider <> 'sample';
select results_eq(
    $$select r.provider, r.was_elected, count(*) from audit.restatements as r where r.symbol = 'BBB' group by 1, 2 order by 1$$,
    $$values ('adjusted'::text, false, 2::bigint), ('second', false, 2)$$, 'a second opinion, and another basis, were not decided on'
);
select results_eq(
    $$select b.provider, b.decisions_before from audit.bar_revisions as b where b.symbol = 'BBB' order by 1$$,
    $$select r.provider, count(*) from audit.restatements as r where r.symbol = 'BBB' group by 1 order by 1$$, 'the count agrees'
);
set local role fund_decider;
select throws_ok('select * from audit.restatements', '42501', null, 'an analyst''s to read');
reset role;
select * from finish();
rollback;
