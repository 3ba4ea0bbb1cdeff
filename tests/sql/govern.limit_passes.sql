-- Proves: I17 (a limit passes only where the comparison is true and both numbers are finite).
begin;
select plan(10);

select ok(govern.limit_passes(0.1, 0.1), 'at the threshold it passes');
select ok(govern.limit_passes(-5, 0), 'below it passes');
select ok(not govern.limit_passes(0.10000000000000001, 0.1), 'the 17th digit above refuses');
select ok(not govern.limit_passes(null, 1), 'NULL observed refuses');
select ok(not govern.limit_passes(1, null), 'NULL threshold refuses');
select ok(not govern.limit_passes('NaN', 1), 'NaN observed refuses');
select ok(not govern.limit_passes(1, 'NaN'), 'a NaN threshold refuses, although NaN sorts above every number');
select ok(not govern.limit_passes('NaN', 'NaN'), 'NaN equals NaN and refuses');
select ok(not govern.limit_passes(1, 'Infinity'), 'an infinite threshold is no limit: it refuses');
select ok(not govern.limit_passes('-Infinity', 1), 'minus infinity is no observation: it refuses');

select * from finish();
rollback;
