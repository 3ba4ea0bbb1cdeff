-- Proves: B5, B7, B8, I14: a stop makes way only for what could leave now.
begin;
select plan(12);

select fixtures.resting();
create function pg_temp.may(p_worker text default 'w') returns boolean language sql as $$ select trade.may_make_way('test', p_worker, 'AAA') $$;
select is(pg_temp.may(), false, 'for nothing it does not');
select fixtures.next_cycle();
select p.state from fixtures.place_next('[{"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": 100}]') as p;
select is(pg_temp.may(), true, 'for an exit it does');
savepoint s;
select ops.report_kill_file('host', true), fixtures.resume();
select is(pg_temp.may('host:1'), false, 'a kill file on the worker''s host stops every POST');
rollback to s;
select ops.engage_kill_switch('x');
select is(pg_temp.may(), false, 'a kill lets no exit through');
select govern.approve_liquidation('test', 'x', 2);
select is(pg_temp.may(), false, 'nor where a liquidation is approved: an exit is none');
select trade.cancel_entries('test');
select is(string_agg(concat_ws(' ', l.symbol, l.fault), ','), 'AAA', 'which is ordered') from trade.liquidate_positions('test') as l;
select is(pg_temp.may(), true, 'that itself leaves');
select ops.report_kill_file('host', true);
select is(pg_temp.may('host:1'), false, 'but not beside a file');
select is(pg_temp.may('elsewhere:1'), true, 'which is its host''s');
rollback to s;
select trade.report_break('test', 'POSITION', 'AAA', null, '{}');
select is(pg_temp.may(), false, 'an open break of the symbol keeps it');
rollback to s;
select trade.report_break('test', 'CASH', null, null, '{}');
select is(pg_temp.may(), false, 'so does one of the account');
rollback to s;
update trade.accounts set broker = 'alpaca', broker_account_id = 'acct-1';
select is(pg_temp.may(), false, 'and books nobody has read');

select * from finish();
rollback;
