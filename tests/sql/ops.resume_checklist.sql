-- Proves: I15: everything that is missing, at once and in order, each with its next command; nothing where nothing is stopped.
begin;
select plan(22);
select fixtures.desk();
select fixtures.external();
select is_empty('select * from ops.resume_checklist()', 'nothing is stopped');
select ops.engage_kill_switch('x'), ops.engage_kill_switch('y', 'file', 'h1');
select ops.engage_kill_switch('z'), ops.engage_kill_switch('z');
select is((select c.missing from ops.resume_checklist() as c where c.item = 'source row'), 'engaged by postgres at 2020-01-06T21:30:00.000000Z: x'
    || '; again by postgres at 2020-01-06T21:30:00.000000Z: z', 'whoever else engaged it is told before it is cleared');
select is((select c.next_command from ops.resume_checklist() as c where c.item like 'source file%'),
    'on h1: remove its kill file (runtime/KILL_SWITCH, or the one KILL_SWITCH_FILE names), then python -m runner resume --check', 'a file');
select trade.report_break('test', 'POSITION', 'AAA', 's', '{}'), trade.report_break('test', 'POSITION', 'AAA', 's', '{}');
select results_eq('select c.item, c.is_clear from ops.resume_checklist() as c', $$values
    ('operator'::text, true), ('source file on h1', false), ('source row', false), ('reconciliation of test', false),
    ('cooldown after file, row', false), ('audit chain', true)$$, 'every item, in the order of the protocol');
select is((select count(*)::integer from ops.resume_checklist() as c where not c.is_clear and c.next_command is null), 0,
    'what is missing names the next command');
select is((select c.next_command from ops.resume_checklist() as c where c.item like 'reconcil%'), 'python -m runner breaks list', 'a break');
select is((select c.next_command from ops.resume_checklist() as c where c.item like 'cooldown%'),
    'this clock stands until it is moved: python -m runner cycle --from DATE --to DATE', 'a simulated clock passes no time by itself');
select trade.resolve_break(b.break_id, 'looked') from trade.open_breaks as b;
select is((select c.missing from ops.resume_checklist() as c where c.item like 'reconcil%'), null, 'resolved, and the reading is fresh');
select ops.advance_clock('2020-01-06 21:46Z');
select is((select c.missing from ops.resume_checklist() as c where c.item like 'reconcil%'), 'SNAPSHOT_STALE', 'no longer fresh');
select is((select c.is_clear from ops.resume_checklist() as c where c.item like 'cooldown%'), true, 'the cooldown is over');
select ops.report_kill_file('h1', false);
select is((select array_agg(c.item) from ops.resume_checklist() as c where c.item like 'source%'), '{source row}'::text[], 'the file clears only itself');
select is((select count(*)::integer from ops.resume_checklist(false) as c where c.item = 'audit chain'), 0, 'without the chain where it was asked before');
savepoint s;
alter table trade.nav disable trigger all;
update trade.nav set nav = 720000, cash = 720000;
select results_eq('select c.is_clear, c.missing from ops.resume_checklist() as c where c.item = ''loss of test''',
    $$values (false, '28.00 % of its contributed capital, the limit is 25.00 %: it kills again until capital is added or two people loosen it'::text)$$, 'a loss that kills (B7)');
select matches(c.next_command, '^add capital .*, or breakers.kill_loss', 'capital comes to a broker outside')
from ops.resume_checklist() as c where c.item = 'loss of test';
update trade.accounts set broker = 'paper';
select matches(c.next_command, '^breakers.kill_loss: ', 'nobody pays into a paper account')
from ops.resume_checklist() as c where c.item = 'loss of test';
select govern.tighten_limit('kill_loss', 0.2, 'x');
select is(c.next_command, 'python -m runner limits propose kill_loss 2 --reason "…"', 'a tightened number is not loosened by another file')
from ops.resume_checklist() as c where c.item = 'loss of test';
insert into trade.cash_ledger (account, kind, amount, reason, session, occurred_at) values ('test', 'deposit', 500000, 'x', '2020-01-06', ops.now());
update trade.nav set nav = 1220000, cash = 1220000;
select is_empty('select 1 from ops.resume_checklist() as c where c.item like ''loss%''', 'until capital is added');
rollback to s;
select is_empty('select 1 from ops.resume_checklist() as c where c.item like ''loss%''', 'a smaller one is nothing to ask about');
alter table audit.audit_log disable trigger append_only;
update audit.audit_log set event = 'x' where seq = 1;
select is((select c.missing from ops.resume_checklist() as c where c.item = 'audit chain'), 'COLUMNS at seq 1', 'a broken chain');
set local session authorization fund_decider;
select throws_ok('select * from ops.resume_checklist()', '42501', null, 'an operator''s to ask');
set local session authorization postgres;
create role fund_probe login;
grant usage on schema ops to fund_probe;
grant execute on function ops.resume_checklist(boolean) to fund_probe;
set local session authorization fund_probe;
select is((select c.missing from ops.resume_checklist(false) as c where c.item = 'operator'), 'fund_probe is no operator', 'nor another''s to pass');
set local session authorization postgres;
select is((select count(*)::integer from ops.resume_checklist(false) as c where c.item like 'reconcil%'), 1, 'one row per account that may trade');
select * from finish();
rollback;
