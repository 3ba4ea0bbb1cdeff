-- Proves: I24: the text has every section for every active symbol, whatever became of the cycle, the same in every time zone.
begin;
select plan(8);
select fixtures.fund();
select fixtures.cycle();
set local role fund_analyst;
select ok(
    (select bool_and(position(h in t.said) > 0) from unnest(array[
        E'\nCYCLE\n', E'\nDATA\n', E'\nQUALITY AND GOVERNANCE\n', E'\nVIEWS\n', E'\nRISK\n', E'\nDECISION\n', E'\nORDERS\n',
        E'\nPOSITION\n', E'\nAUDIT\n'
    ]) as h), i.symbol || ': nine sections'
)
from ref.instruments as i cross join lateral (select audit.explain('last', i.symbol) as said) as t
order by i.symbol;
select matches(audit.explain('last', 'CCC'), E'Not traded: HISTORY_SHORT\\.', 'the answer is in it');
select ok(position('  layer 11 alerting: PASS' in audit.explain('last', 'AAA')) > 0, 'eleven layers');
set local "TimeZone" = 'Asia/Kolkata';
select ok(position('known at 2013-02-27T21:30:00+00:00' in audit.explain('last', 'AAA')) > 0, 'UTC in Kolkata');
select ok(audit.explain('last', 'AAA') is not null, 'never null');
reset role;
select * from finish();
rollback;
