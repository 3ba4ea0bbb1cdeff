-- Proves: I9: what is accepted is the difference a person was shown, once, and no fill that is still to be listed; MQ366.
begin;
select plan(23);

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


-- A dividend of 500 and one of 300 are booked; the broker pays them later, and 2000 were withdrawn meanwhile.
rollback to told;
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at)
values ('test', 'dividend', 500, 'BBB', '2020-01-03', ops.now()), ('test', 'dividend', 300, 'CCC', '2020-01-06', ops.now());
create function pg_temp.said(p_amount numeric, p_capital boolean default true) returns numeric language sql as $$
    select trade.accepted_amount(b, p_capital, p_amount)
    from trade.breaks as b inner join trade.open_breaks as o on o.break_id = b.break_id where b.kind = 'CASH'
$$;
select trade.resolve_break(b.break_id, 'another story') from trade.open_breaks as b;
select pg_temp.read('{"cash": "998000"}') from generate_series(1, 2);
select is((b.evidence ->> 'theirs')::numeric - (b.evidence ->> 'ours')::numeric, -2800::numeric, 'what differs') from trade.open_breaks as b;
select throws_ok('select pg_temp.said(null)', 'MQ366', 'dividends that are still to be paid may be part of what differs', 'of which the dividends may be a part: nobody guesses');
select throws_ok('select pg_temp.said(null, false)', 'MQ366', null, 'nor of a fee');
select is(pg_temp.said(-2000), -2000::numeric, 'both are unpaid');
select is(pg_temp.said(-2500), -2500::numeric, 'the earlier one was paid');
select is(pg_temp.said(-2800), -2800::numeric, 'both were');
select is(pg_temp.said(-50), -50::numeric, 'a part of it: the rest is a difference again');
select is(pg_temp.said(-2300), -2300::numeric, 'the later one was paid first');
select throws_ok('select pg_temp.said(-2801)', 'MQ366', 'the amount is more than what differs', 'more than differs is a slip');
select throws_ok('select pg_temp.said(10)', 'MQ366', null, 'so is another sign');
savepoint deposit;
select trade.resolve_break(b.break_id, 'another story') from trade.open_breaks as b;
select pg_temp.read('{"cash": "1000100"}') from generate_series(1, 2);
select is(pg_temp.said(60), 60::numeric, 'of a hundred that came, with both unpaid, a part');
select throws_ok('select pg_temp.said(101)', 'MQ366', null, 'and no more');
rollback to deposit;
select pg_temp.read('{"cash": "1000800"}');
select throws_ok('select pg_temp.said(-2000, false)', 'MQ366', 'nothing differs any more', 'of what is gone by itself there is no amount');

select * from finish();
rollback;
