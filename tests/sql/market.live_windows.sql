-- Proves: what the live loop may ask for is never refused, and one session more would be.
begin;
select plan(3);
select fixtures.feed();
select ops.advance_clock('2020-01-10 12:00Z');

select results_eq(
    $$select * from market.live_windows('{TST,NONE}')$$, $$values ('TST', date '2020-01-03', date '2020-01-10')$$, 'five sessions and today'
);
select lives_ok(
    $$select market.refuse_live_history(w.symbol, 'live', w.first_session, null) from market.live_windows('{TST}') as w$$, 'which may be asked for'
);
select throws_ok(
    $$select market.refuse_live_history(w.symbol, 'live', w.first_session - 1, null) from market.live_windows('{TST}') as w$$, 'MQ520', null,
    'and nothing before'
);

select * from finish();
rollback;
