-- Proves: arrays come out one after the other in the order asked for, whatever their lengths, and null ones are nothing.
begin;
select plan(3);

create temporary table segments as
select * from (values (2, array[4, 5]), (1, array[1, null, 3]), (3, null::integer[]), (4, array[6])) as v (n, a);
select is((select calc.concat(a order by n) from segments), array[1, null, 3, 4, 5, 6], 'in order, nulls within an array kept');
select is((select calc.concat(a order by n desc) from segments), array[6, 4, 5, 1, null, 3], 'in the order asked for');
select is((select calc.concat(a order by n) from segments where n > 4), null::integer[], 'no row, no array');

select * from finish();
rollback;
