-- Proves: recorded_at of market facts only rises, whatever the wall clock does (a cycle's part: decide.open_cycle).
begin;
select plan(7);
select fixtures.feed();
create temp table given (n integer, instant timestamptz);

insert into given values (1, market.next_instant());
select ok((select g.instant between now() and clock_timestamp() from given as g), 'the wall clock');
select is((select array_agg(l.lock_name) from ops.locks as l where l.last_instant > '-infinity'), '{market}', 'no other lock gives any');
select is((select l.last_instant from ops.locks as l where l.lock_name = 'market'), (select g.instant from given as g), 'it is kept');

-- The wall clock stands an hour behind the last instant given: it was set back.
update ops.locks set last_instant = clock_timestamp() + interval '1 hour' where lock_name = 'market';
truncate given;
insert into given select 0, l.last_instant from ops.locks as l where l.lock_name = 'market';
insert into given values (1, market.next_instant()), (2, market.next_instant());
select results_eq(
    'select g.n, g.instant - first_value(g.instant) over (order by g.n) from given as g order by g.n',
    $$values (0, interval '0'), (1, interval '1 microsecond'), (2, interval '2 microseconds')$$, 'behind it, the microsecond after'
);
do $$ begin perform fixtures.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 5], ["2020-01-03", "NaN", 11, 9, 10, 5]]'); end $$;
select is(
    (select b.recorded_at - g.instant from market.provider_bars as b, given as g where g.n = 2), interval '1 microsecond', 'so are bars'
);
select ok(
    (select min(h.recorded_at) = max(b.recorded_at) and max(h.recorded_at) = min(q.recorded_at)
    from market.price_history as h, market.provider_bars as b, market.quarantined_bars as q), 'in one instant'
);
do $$ begin
    perform fixtures.act('{2020-01-02}', '{split}', '{2}');
    perform fixtures.tell('news', jsonb_build_array(fixtures.story()));
    perform fixtures.tell('fundamentals', jsonb_build_array(fixtures.statement()));
    perform market.record_opinions(jsonb_build_array(jsonb_build_object('headline_sha256', encode(sha256('Test beats'), 'hex'),
        'scorer', 'v', 'scorer_version', '1', 'score', 0.25)));
end $$;
select ok(
    (select h.recorded_at < a.recorded_at and a.recorded_at < n.recorded_at and n.recorded_at < f.recorded_at and f.recorded_at < o.recorded_at
    from market.price_history as h, market.corporate_actions as a, market.news as n, market.fundamentals as f, market.headline_opinions as o),
    'bars, actions, headlines, filings and opinions, in the order they were written'
);

select * from finish();
rollback;
