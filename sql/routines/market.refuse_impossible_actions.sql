-- market.refuse_impossible_actions(batch, from, to, ex-dates, kinds, factors, amounts): raises where a stated action cannot be
-- one.
-- Why: a factor multiplies every later price (F9). Its ex-date is a session of the instrument's calendar within [from, to], its
-- kind a known one, stated once a date, its factor positive and finite, its amount finite and not negative, or none.
-- Called by: market.ingest_actions. Raises: MQ110.
create or replace function market.refuse_impossible_actions(
    p_batch market.ingest_batches, p_from date, p_to date,
    p_ex_dates date[], p_kinds text[], p_factors double precision[], p_amounts double precision[]
)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_calendar constant text := (select i.calendar from ref.instruments as i where i.symbol = p_batch.symbol);
    v_impossible constant boolean := exists (
        select 1
        from unnest(p_ex_dates, p_kinds, p_factors, p_amounts) as g (ex_date, kind, factor, amount)
            left join ref.sessions as s on s.calendar = v_calendar and s.session = g.ex_date
        where s.session is null
            or (g.ex_date between p_from and p_to and g.kind in ('split', 'dividend') and g.factor > 0
                and g.factor < 'Infinity' and coalesce(g.amount, 0) >= 0 and coalesce(g.amount, 0) < 'Infinity') is not true
    );
    v_distinct constant bigint := (select count(*) from (select distinct * from unnest(p_ex_dates, p_kinds)) as k);
begin
    if v_impossible or v_distinct <> cardinality(p_ex_dates) then
        raise exception using errcode = 'MQ110', message = 'a corporate action has an ex-date or a value that cannot be',
            detail = format('batch=%s symbol=%s', p_batch.batch_id, p_batch.symbol),
            hint = 'the payload is archived in market.provider_responses: compare it with the source';
    end if;
end;
$$;
comment on function market.refuse_impossible_actions(
    market.ingest_batches, date, date, date[], text[], double precision[], double precision[]
) is
'Raises MQ110 where an action of a batch has an ex-date outside its range or calendar, a repeated kind, or a value no action '
'has.';
