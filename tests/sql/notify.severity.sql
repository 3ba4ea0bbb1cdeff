-- Proves: F16: LOW < MEDIUM < HIGH < CRITICAL; a word that is no level has no rank.
begin;
select plan(2);
select is(array_agg(notify.severity(l.level) order by l.n), array[1, 2, 3, 4], 'in their order')
from unnest(array['LOW', 'MEDIUM', 'HIGH', 'CRITICAL']) with ordinality as l (level, n);
select is(notify.severity('LOUD'), null, 'no level');
select * from finish();
rollback;
