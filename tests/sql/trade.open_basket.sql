-- Proves: I12, I20 (who may place); MQ230, MQ244, MQ301, MQ303.
begin;
select plan(5);

select fixtures.desk();
select is((trade.open_basket(repeat('1', 32), 1)).nav, 1000000::numeric, 'an open run may');
select throws_ok($$select trade.open_basket(repeat('1', 32), 2)$$, 'MQ244', null, 'a run that is not there may not');
update decide.cycle_runs set lease_until = clock_timestamp();
select throws_ok($$select trade.open_basket(repeat('1', 32), 1)$$, 'MQ301', null, 'nor one whose lease is over');
update decide.cycle_runs set lease_until = clock_timestamp() + interval '1 hour';
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'test', ops.now());
select throws_ok($$select trade.open_basket(repeat('1', 32), 1)$$, 'MQ230', null, 'nor one under another configuration');
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('a', 64), 'test', ops.now());
alter table decide.cycles disable trigger all;
update decide.cycles set mode = 'shadow';
select throws_ok($$select trade.open_basket(repeat('1', 32), 1)$$, 'MQ303', null, 'nor a shadow');

select * from finish();
rollback;
