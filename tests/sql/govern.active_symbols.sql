-- Proves: A2, F18: in the universe on the session, or held; sector of that session.
begin;
select plan(5);
select fixtures.fund();
select is((select array_agg(a.symbol) from govern.active_symbols('paper', '2013-02-27') as a), '{AAA,BBB,CCC,DDD}'::text[], 'the universe');
update ref.universe set valid_to = '2013-02-27' where symbol = 'BBB';
insert into ref.universe (symbol, sector, valid_from) values ('DDD', 'Utilities', '2013-02-20');
update ref.instruments set tradable = false where symbol = 'CCC';
select is((select array_agg(a.symbol) from govern.active_symbols('paper', '2013-02-27') as a), '{AAA,DDD}'::text[], 'gone, or not tradable');
select is((select a.sector from govern.active_symbols('paper', '2013-02-27') as a where a.symbol = 'DDD'), 'Utilities', 'the sector of the session');
insert into trade.position_adjustments (account, symbol, quantity, reason, occurred_at) values ('paper', 'BBB', 3, 'adopted', now()), ('paper', 'CCC', 2, 'adopted', now()), ('paper', 'CCC', -2, 'sold', now());
select is((select array_agg(a.symbol) from govern.active_symbols('paper', '2013-02-27') as a), '{AAA,BBB,DDD}'::text[], 'held counts, a closed position does not');
select results_eq($$select a.in_universe, a.sector from govern.active_symbols('paper', '2013-02-27') as a where a.symbol = 'BBB'$$, $$values (false, 'Energy'::text)$$, 'with its last sector');
select * from finish();
rollback;
