-- Proves: an instant is an ISO 8601 text with an offset; what PostgreSQL would read otherwise is none.
begin;
select plan(4);
set local timezone = 'Asia/Tokyo';
select is(market.instant_of('2020-01-03T13:00:00Z'), '2020-01-03 13:00+00'::timestamptz, 'whatever the session''s zone');
select is(market.instant_of('2020-01-03 08:00:00.25-05:00'), '2020-01-03 13:00:00.25+00'::timestamptz, 'an offset');
select is(
    (select count(market.instant_of(t)) from unnest('{now,infinity,-infinity,tomorrow,epoch,2020-01-03,2020-01-03 13:00:00,2020-02-30T00:00:00Z,
        2020-01-03T25:00:00Z,20200103T130000Z,"Jan 3 2020 13:00Z",2020-01-03T13:00:00 Europe/Berlin,""}'::text[]) as t),
    0::bigint, 'everything else is none'
);
select is(market.instant_of(null), null, 'nothing is none');
select * from finish();
rollback;
