-- Proves: I1: the id depends on the key alone, under every setting.
begin;
select plan(5);
select is(decide.cycle_key_id('paper', 'paper', 's', '2013-02-27', 'close', 'ab'),
    left(encode(sha256('["paper", "paper", "s", "2013-02-27", "close", "ab"]'), 'hex'), 32), 'a digest anyone can recompute');
set local datestyle = 'German';
set local timezone = 'Pacific/Auckland';
select is(decide.cycle_key_id('paper', 'paper', 's', '2013-02-27', 'close', 'ab'),
    left(encode(sha256('["paper", "paper", "s", "2013-02-27", "close", "ab"]'), 'hex'), 32), 'under other settings');
select isnt(decide.cycle_key_id('a', 'b', 'cd', '2013-02-27', 'e', 'f'), decide.cycle_key_id('a', 'bc', 'd', '2013-02-27', 'e', 'f'), 'values do not run together');
select isnt(decide.cycle_key_id('a', 'b', 'c', '2013-02-27', 'close', 'f'), decide.cycle_key_id('a', 'b', 'c', '2013-02-28', 'close', 'f'), 'another session');
select is(decide.cycle_key_id('a', 'b', 'c', null, 'close', 'f'), null, 'no key, no id');
select * from finish();
rollback;
