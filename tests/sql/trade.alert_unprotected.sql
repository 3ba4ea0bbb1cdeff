-- Proves: B8, F16 (once a session and level, critical under a kill).
begin;
select plan(3);

select fixtures.unprotected();
create function pg_temp.heard(p_killed boolean, p_session date default '2020-01-07') returns text language sql as $$
    select trade.alert_unprotected('test', jsonb_populate_record(d, jsonb_build_object('trade_session', p_session)), 'NO_STOP_PRICE', p_killed)
    from trade.stops_due('test') as d;
    select string_agg(concat_ws(' ', a.level, a.symbol, a.detail ->> 'trade_session'), ', ' order by a.alert_id) from notify.alerts as a
$$;
select is(pg_temp.heard(false) || '; ' || pg_temp.heard(false), 'HIGH AAA 2020-01-07; HIGH AAA 2020-01-07', 'once');
select is(pg_temp.heard(true) || '; ' || pg_temp.heard(true), 'HIGH AAA 2020-01-07, CRITICAL AAA 2020-01-07; HIGH AAA 2020-01-07, CRITICAL AAA 2020-01-07',
    'under a kill again, once');
select is(pg_temp.heard(false, '2020-01-08'), 'HIGH AAA 2020-01-07, CRITICAL AAA 2020-01-07, HIGH AAA 2020-01-08', 'the next session hears of it again');

select * from finish();
rollback;
