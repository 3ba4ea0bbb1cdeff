-- Proves: A6, A7, I19: the highest index since the last re-base, up to a session; the lifetime mark stays.
begin;
select plan(7);
select fixtures.desk();
create function pg_temp.mark(p_session date, p_index float8) returns void language sql as $$
    insert into trade.nav (account, session, cash, long_value, short_value, nav, net_flow, nav_index, lifetime_mark, tactical_mark, marked_at)
    values ('test', p_session, p_index * 1000000, 0, 0, p_index * 1000000, 0, p_index, 9, 9, ops.now())
$$;
select pg_temp.mark('2020-01-07', 1.2), pg_temp.mark('2020-01-08', 0.9), pg_temp.mark('2020-01-09', 0.95), pg_temp.mark('2020-01-10', 1.1);
select is(trade.tactical_mark('test', '2020-01-10'), 1.2::float8, 'without a re-base the lifetime''s');
select is(trade.tactical_mark('test', '2020-01-06'), 1::float8, 'up to the session');
insert into trade.mark_rebases (account, session, nav_index, cycle_id, run) values ('test', '2020-01-08', 0.9, repeat('1', 32), 1);
select is(trade.tactical_mark('test', '2020-01-08'), 0.9::float8, 'on the session of a re-base its index');
select is(trade.tactical_mark('test', '2020-01-09'), 0.95::float8, 'then the highest since');
select is(trade.tactical_mark('test', '2020-01-07'), 1.2::float8, 'a session before it keeps its mark');
select is(trade.tactical_mark('none', '2020-01-10'), null, 'no mark, none');
select throws_ok($$update trade.mark_rebases set nav_index = 2$$, 'MQ211', null, 'a re-base stays');
select * from finish();
rollback;
