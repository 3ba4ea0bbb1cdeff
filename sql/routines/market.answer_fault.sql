-- market.answer_fault(batch, first, last): what is wrong with an answer as a whole, from its landed rows; no row where nothing
-- is.
-- Why: one good row does not make an answer. It is refused, and the next source asked, where it has no row, a session that was
-- not asked for, no usable bar, or a score below 0.6 by ruling F1: the fraction of sessions missing between its first and the
-- last it could have, that of duplicates, whether any row has a price that is none, whether there is a spike (F4). A missing
-- session alone refuses nothing: what is there is taken in, and the gap asked for again.
-- Called by: runner/router.py as fund_ingestor, between COPY and market.ingest_bars. Raises: nothing.
create or replace function market.answer_fault(p_batch bigint, p_first date, p_last date)
returns table (fault text, reason text)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_score_min constant double precision := 0.6;
    v_batch market.ingest_batches;
    v_row record;
    v_expected bigint;
    v_score double precision;
begin
    select b.* into v_batch from market.ingest_batches as b where b.batch_id = p_batch;
    with judged as materialized (
        select j.*, f.latest
        from (
                select greatest(x.received_at, x.recorded_at) as latest
                from market.fetches as x where x.fetch_id = v_batch.fetch_id
            ) as f
            cross join market.judge_landing(p_batch, v_batch.provider, v_batch.symbol, f.latest) as j
    ),

    moves as (
        select
            j.session, row_number() over by_session as nth, abs(ln(j.close / lag(j.close) over by_session)) as move
        from judged as j where j.accepted
        window by_session as (order by j.session)
    ),

    -- The mean of the 63 moves before, as a difference of running sums: a moving average is 63 times the work.
    sums as (
        select m.*, sum(m.move) over (order by m.nth) as total from moves as m
    ),

    spikes as (
        select
            s.nth > 64 and s.move > 8 * greatest(
                (lag(s.total) over by_session - coalesce(lag(s.total, 64) over by_session, 0)) / 63, 0
            ) as is_spike
        from sums as s
        window by_session as (order by s.nth)
    )

    select
        count(*)::double precision as received, count(*) filter (where j.nth > 1) as duplicate,
        count(*) filter (where j.nth = 1 and j.closes_at <= j.latest) as sessions, min(j.session) as first_session,
        count(*) filter (where j.session not between p_first and p_last) as outside,
        count(*) filter (where j.accepted) as accepted,
        count(*) filter (where j.reason in ('NULL_PRICE', 'NON_FINITE', 'NON_POSITIVE', 'ABSURD_PRICE')) as priceless,
        (select count(*) from spikes as s where s.is_spike) as spikes
    into v_row
    from judged as j;
    if v_row.received = 0 then
        return query select 'EMPTY', format('no row from %s to %s', p_first, p_last);
        return;
    end if;
    if v_row.outside > 0 then
        return query select 'OUTSIDE_WINDOW', format('%s rows outside %s to %s', v_row.outside, p_first, p_last);
        return;
    end if;
    if v_row.accepted = 0 then
        return query select 'NOTHING_USABLE', format('none of %s rows is a usable bar', v_row.received);
        return;
    end if;
    select count(*) into v_expected
    from ref.instruments as i
        join ref.sessions as s on s.calendar = i.calendar
        join ref.providers as p on p.provider = v_batch.provider
    where i.symbol = v_batch.symbol and s.session between v_row.first_session and p_last
        and s.closes_at + make_interval(mins => p.delay_minutes)
        <= (select greatest(f.received_at, f.recorded_at) from market.fetches as f where f.fetch_id = v_batch.fetch_id);
    v_score := 1 - (
        0.3 * greatest(v_expected - v_row.sessions, 0) / greatest(v_expected, 1)
        + 0.2 * v_row.duplicate / v_row.received
        + 0.2 * (v_row.priceless > 0)::integer + 0.05 * (v_row.spikes > 0)::integer
    );
    if (v_score >= c_score_min) is not true then
        return query select 'LOW_SCORE', format(
            'score %s below %s: of %s rows %s repeated, %s without a price, %s spikes; %s of %s sessions',
            round(v_score::numeric, 4), c_score_min, v_row.received, v_row.duplicate, v_row.priceless, v_row.spikes,
            v_row.sessions, v_expected
        );
    end if;
end;
$$;
comment on function market.answer_fault(bigint, date, date) is
'The fault of an answer as a whole and its reason, judged over its landed rows (F1); no row where it can be taken in.';
