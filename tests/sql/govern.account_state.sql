-- Proves: I19, B5 (the newest state of a run that counts).
begin;
select plan(5);

select fixtures.desk();
alter table decide.risk_states disable trigger all;
delete from decide.risk_states;
select is(govern.account_state('test'), 'ALLOW', 'no run has a state yet');
select fixtures.state('REJECT');
select is(govern.account_state('test'), 'REJECT', 'a run that places has recorded its own');
select fixtures.done();
select is(govern.account_state('test'), 'REJECT', 'done');
delete from decide.risk_states;
select fixtures.next_cycle();
select fixtures.state('REJECT');
update decide.cycle_runs set state = 'HALTED', reason = 'X', closed_at = ops.now() where cycle_id = repeat('2', 32);
select fixtures.state('ALLOW', repeat('2', 32), '15:00');
select is(govern.account_state('test'), 'REJECT', 'a halted run moves nothing');
alter table decide.cycle_runs disable trigger all;
alter table decide.cycles disable trigger all;
update decide.cycle_runs set state = 'DONE' where cycle_id = repeat('2', 32);
update decide.cycles set mode = 'shadow' where cycle_id = repeat('2', 32);
select is(govern.account_state('test'), 'REJECT', 'nor a shadow run');

select * from finish();
rollback;
