-- Proves: a verdict names its layer; its exit code is 0 unless the layer refuses by itself.
begin;
select plan(4);
select is((govern.make_verdict(1, 'REFUSE', 'KILL_SWITCH', null)).exit_code, 11, 'refusing');
select is((govern.make_verdict(1, 'PASS', 'NOT_ENGAGED', null)).exit_code, 0, 'passing');
select is((govern.make_verdict(8, 'REFUSE', 'NOT_REACHED', null)).exit_code, 0, 'not reached');
select is((govern.make_verdict(4, 'PASS', 'X', null)).layer_name, 'data quality', 'named');
select * from finish();
rollback;
