-- Proves: I16, B8 (what cannot be placed, and what was refused is not tried again).
begin;
select plan(8);

select fixtures.unprotected();
create function pg_temp.fault(p_change jsonb default '{}') returns text language sql as $$
    select trade.stop_fault('test', jsonb_populate_record(d, p_change)) from trade.stops_due('test') as d
$$;
select is(pg_temp.fault(), null, 'nothing speaks against it');
select is(pg_temp.fault('{"stop_price": null}'), 'NO_STOP_PRICE', 'no price');
select is(pg_temp.fault('{"cycle_id": null}'), 'NO_STOP_PRICE', 'no decision');
select is(pg_temp.fault('{"trade_session": null}'), 'NO_SESSION', 'no session');
select trade.place_stop('test', jsonb_populate_record(d, '{"stop_price": 95.001}')) from trade.stops_due('test') as d;
select is(pg_temp.fault('{"stop_price": 95.001}'), 'STOP_REFUSED', 'refused for this session');
select is(pg_temp.fault('{"stop_price": 95.001, "trade_session": "2020-01-08"}'), null, 'the next one tries again');
select is(pg_temp.fault('{"stop_price": 94}'), null, 'as does another price');
insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'test', ops.now());
select is(pg_temp.fault('{"stop_price": 95.001}'), null, 'another configuration tries again');

select * from finish();
rollback;
