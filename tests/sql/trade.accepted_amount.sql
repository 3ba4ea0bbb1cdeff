-- Proves: I9: what is accepted is the difference a person was shown, once, and no fill that is still to be listed; MQ366.
begin;
select plan(10);

select fixtures.released();
select fixtures.external();
create function pg_temp.read(p_change jsonb default '{}') returns text language sql as $$
    select s.verdict from trade.record_snapshot('test', 'w', fixtures.reading(p_change)) as s
$$;
create function pg_temp.amount(p_kind text, p_capital boolean default false) returns numeric language sql as $$
    select trade.accepted_amount(b, p_capital) from trade.breaks as b where b.kind = p_kind
$$;
select pg_temp.read('{"positions": {"AAA": "100"}, "cash": "990000"}') from generate_series(1, 2);
select is(string_agg(b.kind, ',' order by b.kind), 'CASH,POSITION', 'shares and the money for them') from trade.open_breaks as b;
select is(pg_temp.amount('CASH'), -10000::numeric, 'the difference, signed as the broker has it');
select is(pg_temp.amount('POSITION'), 100::numeric, 'shares');
-- The broker has filled them; its list of executions is behind.
savepoint told;
select fixtures.reported('{"status": "partially_filled", "filled_quantity": "100"}');
select throws_ok($$select pg_temp.amount('CASH')$$, 'MQ366', 'the broker has filled more than it has listed executions of', 'accepted now, the execution would be booked beside it');
select throws_ok($$select pg_temp.amount('POSITION')$$, 'MQ366', null, 'so would the shares');
select pg_temp.read();
select is(pg_temp.amount('CASH'), null, 'what is gone by itself books nothing');
select throws_ok($$select pg_temp.amount('CASH', true)$$, 'MQ366', 'nothing differs any more', 'nor is it capital');
rollback to told;
select fixtures.reported('{"status": "partially_filled", "filled_quantity": "100"}');
select trade.report_break('test', 'POSITION', 'BBB', null, '{"ours": "0", "theirs": "7"}');
select pg_temp.read('{"positions": {"AAA": "100", "BBB": "7"}, "cash": "990000"}');
select is(trade.accepted_amount(b, false), 7::numeric, 'another symbol has no part in it') from trade.breaks as b where b.symbol = 'BBB';
rollback to told;
select trade.report_break('test', 'POSITION', 'BBB', null, '{}');
select pg_temp.read('{"positions": {"AAA": "100", "BBB": "7"}, "cash": "990000"}');
select throws_ok($$select trade.accepted_amount(b, false) from trade.breaks as b where b.symbol = 'BBB'$$, 'MQ366', 'the difference is another one by now', 'a break that says no figure has shown none');
select is(pg_temp.amount('CASH'), -10000::numeric, 'beside it the other one stands');

select * from finish();
rollback;
