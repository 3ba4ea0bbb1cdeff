-- Proves: a session without a bar is a gap from the first bar on until it has one or is declared absent, and no later than its spell.
begin;
select plan(11);
select fixtures.feed();
select results_eq('select g.symbol, g.session, g.attempts, g.last_provider from market.open_gaps as g order by g.session',
    $$values ('TST'::text, '2020-01-02'::date, 0, null::text), ('TST', '2020-01-03', 0, null), ('TST', '2020-01-06', 0, null),
    ('TST', '2020-01-07', 0, null)$$, 'without a bar: all of its spell up to the last completed session');
select is((select g.first_missed_at from market.open_gaps as g where g.session = '2020-01-02'), timestamptz '2020-01-02 21:45Z',
    'missing since its close and the longest delay');
select fixtures.take('raw_a', '[["2020-01-03", 10, 11, 9, 10, 1]]');
select results_eq('select g.session from market.open_gaps as g order by g.session', $$values ('2020-01-06'::date), ('2020-01-07')$$,
    'from its first bar on');
select fixtures.take('adj_c', '[["2020-01-06", null, null, null, 10, 1]]');
select is((select count(*)::integer from market.open_gaps), 2, 'a second opinion on another basis fills nothing');
select fixtures.take('raw_b', '[["2020-01-06", 10, 11, 9, -10, 1]]');
select is((select count(*)::integer from market.open_gaps), 2, 'neither does a bar that was set aside');
select fixtures.take('raw_b', '[["2020-01-06", 10, 11, 9, 10, 1]]');
select results_eq('select g.session from market.open_gaps as g', $$values ('2020-01-07'::date)$$, 'found: closed by itself');
insert into market.gap_attempts (symbol, session, provider, fault, attempted_at)
values ('TST', '2020-01-07', 'raw_a', null, ops.now()), ('TST', '2020-01-07', 'raw_b', 'UNAVAILABLE', ops.now());
set local role fund_ingestor;
select results_eq('select g.attempts, g.last_provider from market.open_gaps as g', $$values (2, 'raw_b'::text)$$, 'how often, and of whom');
reset role;
insert into market.absences (symbol, session, reason, declared_at) values ('TST', '2020-01-07', 'halted', ops.now());
select is_empty('select * from market.open_gaps', 'declared absent');
select throws_ok('delete from market.absences', 'MQ211', null, 'what was declared stays');
select ops.advance_clock('2020-01-08 22:00Z');
select results_eq('select g.session from market.open_gaps as g', $$values ('2020-01-08'::date)$$, 'the next session is over');
update ref.universe set valid_to = '2020-01-08';
select is_empty('select * from market.open_gaps', 'what left the universe is missed no more');
select * from finish();
rollback;
