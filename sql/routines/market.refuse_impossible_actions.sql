-- market.refuse_impossible_actions(batch, from, to, ex-dates, kinds, factors, amounts): raises where a stated action cannot be
-- one.
-- Why: a factor multiplies every later price (F9). Its ex-date is a session of the instrument's calendar within [from, to],
-- its kind a known one, stated once a date, its factor from a millionth to a million, its amount none, 0 or a price
-- (calc.bar_defect). All the source says of the instrument together, up and down, is within 1e15 (the longest lists there are
-- reach 1e10): beyond it the product of many possible ones ends in no double, and with it the features of every symbol.
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
            or (g.ex_date between p_from and p_to and g.kind in ('split', 'dividend') and g.factor between 1e-6 and 1e6
                and calc.bar_defect(null, null, null, coalesce(nullif(g.amount, 0), 1), null, false) is null) is not true
    );
    v_distinct constant bigint := (select count(*) from (select distinct * from unnest(p_ex_dates, p_kinds)) as k);
    v_extent double precision;
begin
    if not v_impossible then
        select coalesce(sum(abs(ln(x.factor))), 0) into v_extent
        from (
                select unnest(p_factors) as factor
                union all (
                    select distinct on (a.ex_date, a.kind) a.factor
                    from market.corporate_actions as a
                    where a.symbol = p_batch.symbol and a.provider = p_batch.provider and a.ex_date not between p_from and p_to
                    order by a.ex_date, a.kind, a.revision desc
                )
            ) as x;
    end if;
    if v_impossible or v_extent > ln(1e15::double precision) or v_distinct <> cardinality(p_ex_dates) then
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
'has, or all it says of an instrument a product no price has.';
