-- Proves: white space of Unicode goes at the ends and stays within.
begin;
select plan(3);
select is(market.trimmed(E'\ufeff\u00a0 Test\u00a0 beats \t\r\n\u3000'), E'Test\u00a0 beats', 'at the ends only');
select is(market.trimmed(E' \u2003 '), '', 'nothing else is empty');
select is(market.trimmed(null), null, 'NULL stays');
select * from finish();
rollback;
