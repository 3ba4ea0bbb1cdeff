-- Proves: what a panel is aligned on: the sessions that could be known, and no later one.
begin;
select plan(5);
select fixtures.feed();

select is(
    market.panel_sessions('2020-01-07 21:30', 3), '{2020-01-03,2020-01-06,2020-01-07}'::date[], 'the last ones, ascending'
);
select is(
    market.panel_sessions('2020-01-07 21:29', 2), '{2020-01-03,2020-01-06}'::date[], 'a session counts from its close plus the delay'
);
select is(cardinality(market.panel_sessions('2020-01-07 21:30', 100)), 4, 'no more than the calendar has');
select is(market.panel_sessions('2020-01-01', 5), null, 'none before the first');
select is(market.panel_sessions('2020-01-07 21:30', 5, 'NONE'), null, 'none of a calendar that is not there');

select * from finish();
rollback;
