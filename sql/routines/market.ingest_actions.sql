-- market.ingest_actions(batch, from, to, ex-dates, kinds, factors, amounts): stores what a source says of splits and dividends
-- with ex-dates in [from, to], all of them: one it stated before and states no longer is cancelled by a revision with factor 1.
-- Why: actions are facts with revisions like bars. A split can be known when its ex-date opens; a dividend's factor contains the
-- close of the ex-date, so it is known with that bar, and of a session that had not closed when it was received it is not taken
-- in: the price it was made of was no close. A restatement is known when received.
-- Called by: runner/ingest.py as fund_ingestor, in the batch's transaction, before market.ingest_bars closes it.
-- Raises: MQ109 when the batch is not open (market.hold_batch), MQ110 for what no action can be
-- (market.refuse_impossible_actions).
create or replace function market.ingest_actions(
    p_batch bigint, p_from date, p_to date,
    p_ex_dates date[], p_kinds text[], p_factors double precision[], p_amounts double precision[]
)
returns table (actions_added integer, actions_revised integer, actions_cancelled integer, actions_unchanged integer)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_batch market.ingest_batches;
    v_calendar text;
    v_delay interval;
    v_now timestamptz;
    v_latest timestamptz;
    v_recorded timestamptz;
begin
    v_batch := market.hold_batch(p_batch);
    perform market.refuse_impossible_actions(v_batch, p_from, p_to, p_ex_dates, p_kinds, p_factors, p_amounts);
    select i.calendar into v_calendar from ref.instruments as i where i.symbol = v_batch.symbol;
    select make_interval(mins => p.delay_minutes) into v_delay from ref.providers as p where p.provider = v_batch.provider;
    select f.received_at, greatest(f.received_at, f.recorded_at) into v_now, v_latest
    from market.fetches as f where f.fetch_id = v_batch.fetch_id;
    v_recorded := market.next_instant();

    with stated as (
        select g.*
        from unnest(p_ex_dates, p_kinds, p_factors, p_amounts) as g (ex_date, kind, factor, amount)
            join ref.sessions as s on s.calendar = v_calendar and s.session = g.ex_date
        where g.kind = 'split' or s.closes_at <= v_latest
    ),

    newest as (
        select distinct on (a.ex_date, a.kind) a.*
        from market.corporate_actions as a
        where a.symbol = v_batch.symbol and a.provider = v_batch.provider and a.ex_date between p_from and p_to
        order by a.ex_date, a.kind, a.revision desc
    ),

    compared as (
        select
            coalesce(g.ex_date, n.ex_date) as ex_date, coalesce(g.kind, n.kind) as kind,
            coalesce(g.factor, 1) as factor, g.amount, coalesce(n.revision + 1, 0) as revision, g.factor is null as is_cancelled,
            n.revision is not null and n.factor is not distinct from coalesce(g.factor, 1)
            and (g.factor is null or n.amount is not distinct from g.amount) as is_unchanged
        from stated as g
            full join newest as n on n.ex_date = g.ex_date and n.kind = g.kind
    ),

    stored as (
        insert into market.corporate_actions (
            provider, symbol, ex_date, kind, revision, factor, amount, batch_id, known_at, recorded_at
        )
        select
            v_batch.provider, v_batch.symbol, c.ex_date, c.kind, c.revision, c.factor, c.amount, p_batch,
            greatest(
                case c.kind when 'split' then s.opens_at else s.closes_at + v_delay end, case when c.revision > 0 then v_now end
            ),
            v_recorded
        from compared as c
            join ref.sessions as s on s.calendar = v_calendar and s.session = c.ex_date
        where not c.is_unchanged
    )

    select
        count(*) filter (where not c.is_unchanged and c.revision = 0),
        count(*) filter (where not c.is_unchanged and c.revision > 0 and not c.is_cancelled),
        count(*) filter (where not c.is_unchanged and c.is_cancelled),
        count(*) filter (where c.is_unchanged and not c.is_cancelled)
    into actions_added, actions_revised, actions_cancelled, actions_unchanged
    from compared as c;
    return next;
end;
$$;
comment on function market.ingest_actions(bigint, date, date, date[], text[], double precision[], double precision[]) is
'Stores a source''s splits and dividends of a date range with revisions and cancellations; returns counts. Raises MQ109, MQ110.';
