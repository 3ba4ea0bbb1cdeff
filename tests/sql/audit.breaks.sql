-- Proves: I8: a difference stands as open until a person settled it, with the reason.
begin;
select plan(2);
select fixtures.desk();
insert into trade.breaks (account, kind, symbol, evidence, raised_at) values ('test', 'POSITION', 'AAA', '{}', ops.now());
set local role fund_analyst;
select results_eq('select b.kind, b.effect, b.open, b.resolution from audit.breaks as b',
    $$values ('POSITION'::text, 'QUARANTINE'::text, true, null::text)$$, 'open');
reset role;
insert into trade.break_resolutions (break_id, account, reason, resolved_at)
select b.break_id, 'test', 'looked at', ops.now() from trade.breaks as b;
set local role fund_analyst;
select results_eq('select b.open, b.resolution from audit.breaks as b', $$values (false, 'looked at'::text)$$, 'settled');
reset role;
select * from finish();
rollback;
