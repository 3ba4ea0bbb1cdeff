-- market.bar_differences(fetch, ex-dates, kinds, factors, amounts): where what is stored of an asking is not what its archived
-- answers say. The rows read from them again have landed under the asking's number, negative; they are removed.
-- Why: the archive proves the bars (I24): each row is judged again as of the asking and compared, bit for bit, with the bar that
-- stood when its batch was taken in; so are the actions and the count of what was set aside.
-- Called by: runner/archive.py as fund_ingestor. Raises: nothing.
create or replace function market.bar_differences(
    p_fetch bigint, p_ex_dates date[], p_kinds text[], p_factors double precision[], p_amounts double precision[]
)
returns table (subject text, difference text)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_fetch market.fetches;
    v_batch market.ingest_batches;
    v_latest timestamptz;
begin
    select f.* into v_fetch from market.fetches as f where f.fetch_id = p_fetch;
    select b.* into v_batch from market.ingest_batches as b where b.fetch_id = p_fetch;
    v_latest := greatest(v_fetch.received_at, v_fetch.recorded_at);
    return query
    with judged as materialized (
        select j.* from market.judge_landing(-p_fetch, v_fetch.provider, v_fetch.symbol, v_latest) as j
    ),

    bars as (
        select j.session::text as subject, 'bar' as difference
        from judged as j
            left join lateral (
                select b.*
                from market.provider_bars as b
                where b.symbol = v_fetch.symbol and b.session = j.session and b.provider = v_fetch.provider
                    and b.batch_id <= v_batch.batch_id
                order by b.revision desc
                limit 1
            ) as n on true
        where j.accepted
            and (n.revision is null or (j.open, j.high, j.low, j.close, j.volume)
                is distinct from (n.open, n.high, n.low, n.close, n.volume))
    ),

    stated as (
        select coalesce(g.ex_date, n.ex_date)::text as subject, 'action' as difference
        from unnest(p_ex_dates, p_kinds, p_factors, p_amounts) as g (ex_date, kind, factor, amount)
            full join (
                select distinct on (a.ex_date, a.kind) a.*
                from market.corporate_actions as a
                where a.symbol = v_fetch.symbol and a.provider = v_fetch.provider and a.batch_id <= v_batch.batch_id
                    and a.ex_date between (select min(j.session) from judged as j) and (select max(j.session) from judged as j)
                order by a.ex_date, a.kind, a.revision desc
            ) as n on n.ex_date = g.ex_date and n.kind = g.kind
            join ref.instruments as i on i.symbol = v_fetch.symbol
            -- As market.ingest_actions: no dividend of a session that had not closed.
            join ref.sessions as s
                on s.calendar = i.calendar and s.session = coalesce(g.ex_date, n.ex_date)
                and (coalesce(g.kind, n.kind) = 'split' or s.closes_at <= v_latest)
        where p_ex_dates is not null
            and (n.factor is distinct from coalesce(g.factor, 1) or g.factor is not null and n.amount is distinct from g.amount)
    ),

    counts as (
        select 'rows' as subject, format('%s received, %s set aside', count(*), count(j.reason)) as difference
        from judged as j
        having (count(*), count(j.reason)) is distinct from (v_batch.rows_received::bigint, (
            select count(*) from market.quarantined_bars as q where q.batch_id = v_batch.batch_id
        ))
    )

    select * from bars union all select * from stated union all select * from counts;
    delete from market.bar_landing as l where l.batch_id = -p_fetch;
end;
$$;
comment on function market.bar_differences(bigint, date[], text[], double precision[], double precision[]) is
'One row per bar, action or count of an asking that is not what its archived answers say; clears what landed for the comparison.';
