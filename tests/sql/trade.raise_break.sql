-- Proves: I8 (a difference is a row and an alert until a person resolves it).
begin;
select plan(8);

select fixtures.desk();
select is(trade.raise_break('test', 'CASH', null, null, '{"ours": 1}') ->> 'event', 'break.raised', 'a new break gives its audit event');
select is(trade.raise_break('test', 'CASH', null, '', '{"ours": 2}'), null, 'the same one, open, is none');
select isnt(trade.raise_break('test', 'POSITION', 'AAA', null, null), null, 'another kind is one');
select isnt(trade.raise_break('test', 'POSITION', 'BBB', null, null), null, 'another symbol is one');
select results_eq('select kind, effect, symbol, subject from trade.open_breaks order by break_id',
    $$values ('CASH', 'HALT', null::text, ''), ('POSITION', 'QUARANTINE', 'AAA', ''), ('POSITION', 'QUARANTINE', 'BBB', '')$$, 'they are open');
select results_eq($$select level, code, symbol from notify.alerts where code like 'BREAK%' order by alert_id$$,
    $$values ('CRITICAL', 'BREAK_CASH', null::text), ('HIGH', 'BREAK_POSITION', 'AAA'), ('HIGH', 'BREAK_POSITION', 'BBB')$$,
    'a halt is critical, a quarantine high');
select trade.resolve_break(b.break_id, 'looked at') from trade.open_breaks as b where b.symbol = 'AAA';
select trade.raise_break('test', 'POSITION', 'AAA', null, null);
select is(count(*), 2::bigint, 'one that comes again is heard again') from notify.alerts as a where a.symbol = 'AAA' and a.code = 'BREAK_POSITION';
select throws_ok($$select trade.raise_break('test', 'NONE', null, null, null)$$, '23503', null, 'a kind nobody knows');

select * from finish();
rollback;
