-- Proves: I17: at the threshold, one step of the last digit beside it, and what is no number at all.
begin;
select plan(9);
select is(govern.is_within(0.18, 0.18), true, 'at the threshold');
select is(govern.is_within(0.17999999999999997, 0.18), true, 'one step below');
select is(govern.is_within(0.18000000000000002, 0.18), false, 'one step above');
select is(govern.is_within(null, 0.18), false, 'unknown');
select is(govern.is_within('NaN', 0.18), false, 'not a number');
select is(govern.is_within('-Infinity', 0.18), false, 'minus infinity is no small number');
select is(govern.is_within(0.1, null), false, 'a missing limit');
select is(govern.is_within(0.1, 'Infinity'), false, 'a limit that is none');
select is(govern.is_within('NaN', 'NaN'), false, 'neither');
select * from finish();
rollback;
