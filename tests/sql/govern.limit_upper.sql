-- Proves: I17 (a limit by name: missing threshold or number refuses and says which).
begin;
select plan(7);

select is(govern.limit_upper('{"x": 2}', 'x', 2)::text, '(x,t,2,2,WITHIN)', 'at the threshold it passes');
select is(govern.limit_upper('{"x": 2}', 'x', 2.0001)::text, '(x,f,2.0001,2,ABOVE_LIMIT)', 'above it does not');
select is(govern.limit_upper('{"y": 2}', 'x', 1)::text, '(x,f,1,,LIMIT_UNKNOWN)', 'a limit that is not there refuses');
select is(govern.limit_upper('{"x": null}', 'x', 1)::text, '(x,f,1,,LIMIT_UNKNOWN)', 'a limit without a number refuses');
select is(govern.limit_upper(null, 'x', 1)::text, '(x,f,1,,LIMIT_UNKNOWN)', 'no limits at all refuse');
select is(govern.limit_upper('{"x": 2}', 'x', null)::text, '(x,f,,2,INPUT_UNKNOWN)', 'an unknown number refuses');
select is(govern.limit_upper('{"x": 2}', 'x', 'NaN')::text, '(x,f,NaN,2,INPUT_UNKNOWN)', 'NaN refuses');

select * from finish();
rollback;
