-- Proves: I1 (derived, at most 48 characters, another id for every other part).
begin;
select plan(5);

select is(
    trade.client_order_id('paper', repeat('0', 32), 'BRK.B', 'entry', 0),
    'BRK.B-entry-0-' || left(encode(sha256(convert_to('paper|' || repeat('0', 32) || '|BRK.B|entry|0', 'UTF8')), 'hex'), 20),
    'readable head, then 80 bits of the digest of all five parts'
);
select is(
    max(length(trade.client_order_id('a', repeat('f', 32), s, 'liquidation', r))), 48, 'at most 48 characters, and the longest has 48'
) from unnest(array['A', 'ABCDEFGHIJ/KLMNO']) as s, unnest(array[0, 2147483647]) as r;
select is(count(distinct trade.client_order_id(a, c, s, l, r)), count(*), 'every part makes another id')
from unnest(array['paper', 'paper2']) as a, unnest(array[repeat('a', 32), repeat('b', 32)]) as c,
    unnest(array['A', 'AB', 'ABCDEFGHIJ/KLMNO', 'ABCDEFGHIJ/KLMNP']) as s,
    unnest(array['entry', 'exit', 'stop', 'hedge', 'liquidation']) as l, unnest(array[0, 1, 10, 100000]) as r;
select is(trade.client_order_id('paper', null, 'A', 'entry', 0), null, 'a missing part makes no id');
select is(p.provolatile, 'i', 'it depends on nothing else') from pg_proc as p where p.proname = 'client_order_id';

select * from finish();
rollback;
