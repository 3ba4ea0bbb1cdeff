-- Proves: layers 7-9 while their issues are open.
begin;
select plan(3);
select fixtures.fund();
select fixtures.open(p_mode => 'shadow');
select is((select (govern.not_built(8, c.cycle_id)).verdict from decide.cycles as c), 'NOT_BUILT', 'allowed in shadow');
alter table decide.cycles disable trigger append_only;
update decide.cycles set mode = 'live';
select is((select (govern.not_built(8, c.cycle_id)).verdict from decide.cycles as c), 'REFUSE', 'not in live');
select is((select (govern.not_built(8, c.cycle_id)).exit_code from decide.cycles as c), 11, 'with the layer''s exit code');
select * from finish();
rollback;
