-- Proves: ruling HELD, I16, I17 (an exposure may be raised only within the limit, by the worse of positions alone and with orders).
begin;
select plan(9);

create function pg_temp.reason(p_nav numeric, p_held numeric, p_before numeric, p_after numeric) returns text language sql as $$
    select (f.passed, f.reason)::text from govern.limit_exposure('{"long": 0.6}', 'long', p_nav, p_held, p_before, p_after) as f
$$;
select is(pg_temp.reason(100, 0, 0, 60), '(t,WITHIN)', 'raised to the limit');
select is(pg_temp.reason(100, 0, 0, 60.0001), '(f,ABOVE_LIMIT)', 'raised above it');
select is(pg_temp.reason(100, 61, 40, 50), '(f,ABOVE_LIMIT)', 'sales on paper free no room while the positions stand above the limit');
select is(pg_temp.reason(100, 90, 90, 90), '(t,NOT_RAISED)', 'not raised: passes above the limit');
select is(pg_temp.reason(100, 90, 90, 80), '(t,NOT_RAISED)', 'lowered: passes');
select is(pg_temp.reason(null, 0, 0, 1), '(f,INPUT_UNKNOWN)', 'an unknown NAV refuses');
select is(pg_temp.reason(100, null, 0, 1), '(f,INPUT_UNKNOWN)', 'unknown positions refuse');
select is(pg_temp.reason(100, 0, null, null), '(f,INPUT_UNKNOWN)', 'an unknown book refuses');
select is(pg_temp.reason(100, 0, 'NaN', 'NaN'), '(f,INPUT_UNKNOWN)', 'NaN before and after is not unraised');

select * from finish();
rollback;
