-- Proves: I24: bars, revisions, rows set aside and actions known to a run are told apart from what came afterwards.
begin;
select plan(9);
select fixtures.fund();
select fixtures.cycle();
insert into market.quarantined_bars (batch_id, row_number, symbol, reason, received)
select b.batch_id, 1, 'AAA', 'NULL_PRICE', '{}' from market.ingest_batches as b where b.symbol = 'AAA';
insert into market.provider_bars (
    provider, symbol, session, revision, open, high, low, close, volume, price_kind, price_basis, batch_id, known_at, recorded_at
)
select b.provider, b.symbol, b.session, 1, 99, 111, 98, 110, 1000, 'ohlcv', 'raw', b.batch_id, '2013-02-28 12:00Z', clock_timestamp()
from market.provider_bars as b where b.session = '2013-02-26' and b.symbol = 'AAA';
insert into market.corporate_actions (provider, symbol, ex_date, kind, revision, factor, amount, batch_id, known_at, recorded_at)
select 'sample', 'AAA', s.ex_date::date, 'split', 0, 2, null, b.batch_id, s.ex_date::timestamptz, r.recorded_before
from market.ingest_batches as b
    cross join (values ('2013-02-20'), ('2013-02-28')) as s (ex_date)
    cross join decide.cycle_runs as r
where b.symbol = 'AAA';
create temp table f as
select i.symbol, audit.explain_data(r.cycle_id, r.run, i.symbol) as found
from decide.cycle_runs as r cross join ref.instruments as i;
select is(f.found ->> 'bars_known', '10', 'bars') from f where f.symbol = 'AAA';
select is(f.found ->> 'revisions_known', '0', 'no revision was known') from f where f.symbol = 'AAA';
select is(f.found -> 'revised_since' -> 0 ->> 'session', '2013-02-26', 'one came since') from f where f.symbol = 'AAA';
select is(f.found -> 'quarantined', '{}'::jsonb, 'so did a row set aside') from f where f.symbol = 'AAA';
select is(f.found -> 'last_actions', '[{"ex_date": "2013-02-20", "kind": "split", "factor": 2, "amount": null}]'::jsonb, 'only the action of before') from f where f.symbol = 'AAA';
select is(f.found -> 'instrument' -> 'universe' ->> 'sector', 'Technology', 'its sector then') from f where f.symbol = 'AAA';
select is(f.found -> 'bar', 'null'::jsonb, 'no bar at all') from f where f.symbol = 'DDD';
-- Another source's closes, adjusted, end a session later than the bars of the instrument's own basis.
insert into market.provider_bars (
    provider, symbol, session, revision, open, high, low, close, volume, price_kind, price_basis, batch_id, known_at, recorded_at
)
select b.provider, 'DDD', v.session::date, 0, 99, 111, 98, 110, 1000, 'ohlcv', v.price_basis, b.batch_id, b.known_at, r.recorded_before
from market.provider_bars as b
    cross join decide.cycle_runs as r
    cross join (values ('2013-02-26', 'raw'), ('2013-02-27', 'fully_adjusted')) as v (session, price_basis)
where b.symbol = 'AAA' and b.session = '2013-02-26' and b.revision = 0;
select is(audit.explain_data(r.cycle_id, r.run, 'DDD') -> 'bar' ->> 'session', '2013-02-26', 'a second opinion is not the bar it stands on, however new')
from decide.cycle_runs as r;
select is(audit.explain_data('nothing', 1, 'AAA'), null, 'an unknown run');
select * from finish();
rollback;
