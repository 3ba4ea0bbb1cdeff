-- Proves: an answer is known where the same bytes came about the same symbol and window before and were taken in, and only there.
begin;
select plan(6);
select fixtures.feed();

-- A batch of an asking for a window, answered with the source's payload under a status.
create function pg_temp.asking(p_last date, p_provider text default 'raw_a', p_status text default '200') returns bigint language plpgsql as $$
declare
    v_fetch bigint := market.open_fetch(p_provider, 'TST', 'ingest', '2020-01-02', p_last, null);
begin
    perform market.add_response(v_fetch, r.payload_id, p_status, 'text/csv', '{}')
    from market.provider_responses as r where r.provider = p_provider;
    return market.open_batch(v_fetch);
end;
$$;
-- Made before they are asked about: a stable function sees what stood when its statement began.
create temporary table batches (name text, batch_id bigint);
create function pg_temp.known(p_name text, p_last date default '2020-01-07') returns boolean language sql as $$
    select market.answer_is_known(b.batch_id, '2020-01-02', p_last) from batches as b where b.name = p_name
$$;
insert into batches values ('first', pg_temp.asking('2020-01-07'));
insert into batches values ('second', pg_temp.asking('2020-01-07'));
select is(pg_temp.known('first'), false, 'the first is not');
select is(pg_temp.known('second'), false, 'nor one whose like was not taken in');
select market.close_fetch(i.fetch_id, null, null, null)
from market.ingest_batches as i where i.batch_id = (select b.batch_id from batches as b where b.name = 'first');
insert into batches values ('longer', pg_temp.asking('2020-01-08'));
insert into batches values ('status', pg_temp.asking('2020-01-07', 'raw_a', '203'));
insert into batches values ('other', pg_temp.asking('2020-01-07', 'raw_b'));
select is(pg_temp.known('second'), true, 'once it was taken in the same again is');
select is(pg_temp.known('longer', '2020-01-08'), false, 'of another window it is not');
select is(pg_temp.known('status'), false, 'nor with another status');
select is(pg_temp.known('other'), false, 'nor of another source');

select * from finish();
rollback;
