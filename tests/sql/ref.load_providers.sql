-- Proves: the source of a stored bar cannot change what its bars are (F8); repeating it writes nothing.
begin;
select plan(7);
select fixtures.feed();

select is(
    ref.load_providers('[{"provider": "raw_a", "priority": 1, "price_basis": "raw", "price_kind": "ohlcv", "delay_minutes": 30,
        "description": "a"}]'), 0, 'the same row again writes nothing'
);
select is(
    ref.load_providers('[{"provider": "raw_a", "priority": 9, "price_basis": "raw", "price_kind": "ohlcv", "delay_minutes": 15,
        "description": "a"}]'), 1, 'before any bar everything may change'
);
do $$ begin perform fixtures.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 5]]'); end $$;
select is(
    ref.load_providers('[{"provider": "raw_a", "priority": 9, "price_basis": "raw", "price_kind": "ohlcv", "delay_minutes": 15,
        "description": "better words"}]'), 1, 'the description may change at any time'
);
select throws_ok(
    $$select ref.load_providers('[{"provider": "raw_a", "priority": 1, "price_basis": "raw", "price_kind": "ohlcv",
        "delay_minutes": 15, "description": "a"}]')$$, 'MQ103', null, 'its priority may not, once bars are stored'
);
select throws_ok(
    $$select ref.load_providers('[{"provider": "raw_a", "priority": 9, "price_basis": "split_adjusted", "price_kind": "ohlcv",
        "delay_minutes": 15, "description": "a"}]')$$, 'MQ103', null, 'nor its price basis'
);
select throws_ok(
    $$select ref.load_providers('[{"provider": "x", "priority": 50, "price_basis": "guessed", "price_kind": "ohlcv",
        "delay_minutes": 15, "description": "a"}]')$$, '23514', null, 'an unknown basis is refused'
);
select is((select p.priority from ref.providers as p where p.provider = 'raw_a'), 9, 'what is refused changes nothing');

select * from finish();
rollback;
