-- Proves: the live loop's window begins five sessions before today at most, and is refused otherwise (ruling F7).
begin;
select plan(11);
select fixtures.feed();
select ref.load_sessions(
    'XNYS', 'New York Stock Exchange', 'America/New_York', array_agg(d::date order by d),
    array_agg(d + interval '14:30' order by d), array_agg(d + interval '21:00' order by d), array_agg(false order by d)
)
from unnest('{2020-01-02Z,2020-01-03Z,2020-01-06Z,2020-01-07Z,2020-01-08Z,2020-01-09Z,2020-01-10Z}'::timestamptz[]) as d;
select ops.advance_clock('2020-01-10 04:30Z');

select lives_ok($$select market.refuse_live_history('TST', 'live', '2020-01-02', null)$$, 'five sessions lie before the 9th, which it still is in New York');
select ops.advance_clock('2020-01-10 05:30Z');
select throws_ok($$select market.refuse_live_history('TST', 'live', '2020-01-02', null)$$, 'MQ520', null, 'before the 10th lie six');
select lives_ok($$select market.refuse_live_history('TST', 'live', '2020-01-03', null)$$, 'from the next session on it is five again');
select lives_ok($$select market.refuse_live_history('TST', 'backfill', '1990-01-02', null)$$, 'ingest is not bound');
select lives_ok($$select market.refuse_live_history('TST', 'heal', '1990-01-02', null)$$, 'neither is healing');
select throws_ok($$select market.refuse_live_history('TST', 'live', null, null)$$, 'MQ520', null, 'no window is all of history');
select throws_ok(
    $$select market.open_fetch('raw_a', 'TST', 'live', '2020-01-02', '2020-01-10', null)$$, 'MQ520', null, 'no row of such an asking can be made'
);

select lives_ok(
    $$select market.refuse_live_history('TST', 'live', '2020-01-02', '2020-01-10 04:59Z')$$, 'what was asked for before midnight may come after it'
);
select lives_ok(
    $$select market.open_fetch('raw_a', 'TST', 'live', '2020-01-02', '2020-01-10', '2020-01-10 04:59Z')$$, 'and is taken in'
);
select throws_ok(
    $$select market.refuse_live_history('TST', 'live', '2020-01-02', '2020-01-10 06:00Z')$$, 'MQ520', null, 'an instant to come is now'
);
select ops.advance_clock('2020-01-10 06:30Z');
select throws_ok(
    $$select market.refuse_live_history('TST', 'live', '2020-01-02', '2020-01-10 04:59Z')$$, 'MQ520', null, 'no answer is more than an hour late'
);

select * from finish();
rollback;
