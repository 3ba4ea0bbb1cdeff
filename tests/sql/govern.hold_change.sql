-- Proves: a request is decided in a state that is asked for, under the lock that changes take.
begin;
select plan(4);
select fixtures.desk_of_two();
set local session authorization fund_operator_ann;
select fixtures.propose();
set local session authorization postgres;
select is((select h.author from govern.hold_change((select max(c.request_id) from govern.change_requests as c), '{PROPOSED}') as h), 'fund_operator_ann', 'the row');
select ok(exists (select 1 from pg_locks as l where l.relation = 'ops.locks'::regclass and l.mode = 'RowShareLock'), 'under the lock');
select throws_ok('select govern.hold_change((select max(c.request_id) from govern.change_requests as c), ''{APPROVED}'')', 'MQ424', null, 'another state');
select throws_ok('select govern.hold_change(0, ''{PROPOSED}'')', 'MQ424', null, 'no such request');
select * from finish();
rollback;
