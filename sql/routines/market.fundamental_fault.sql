-- market.fundamental_fault(row, latest): the first thing wrong with a received statement of a period, as a code; NULL where it
-- can be stored.
-- Why: one place says what a statement is. Bounds are an order of magnitude beyond any company there was: a number past them
-- is in another unit or another column, and one nearer to 0 than a millionth but 0 is no sum of money: what it divides has no
-- finite ratio to it. latest: an instant after it lies in the future.
-- Called by: market.judge_fundamentals. Raises: nothing.
create or replace function market.fundamental_fault(p_row jsonb, p_latest timestamptz)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_control constant text := E'[\u0001-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffd]';
    c_least constant double precision := 1e-6;
    v_filed constant timestamptz := market.instant_of(p_row ->> 'filed_at');
    v_end text := p_row ->> 'period_end';
    v_months constant text := p_row ->> 'period_months';
    v_number record;
    v_value double precision;
    v_stated integer := 0;
begin
    if p_row ->> 'filed_at' is null then return 'NO_FILING_INSTANT'; end if;
    if v_filed is null then return 'UNREADABLE_INSTANT'; end if;
    if v_filed > p_latest then return 'FILED_IN_FUTURE'; end if;
    if v_end is null then return 'NO_PERIOD_END'; end if;
    if v_end !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' or market.instant_of(v_end || 'T00:00Z') is null then
        return 'UNREADABLE_PERIOD_END';
    end if;
    if v_end::date < date '1950-01-01' then return 'ABSURD_PERIOD_END'; end if;
    if v_end::date > (v_filed at time zone 'America/New_York')::date then return 'FILED_BEFORE_PERIOD_END'; end if;
    if (v_months in ('0', '3', '6', '9', '12')) is not true then return 'UNKNOWN_PERIOD'; end if;
    if coalesce(p_row ->> 'form', '') = '' then return 'NO_FORM'; end if;
    if p_row ->> 'form' ~ c_control or length(p_row ->> 'form') > 40 then return 'UNREADABLE_FORM'; end if;
    if p_row ->> 'accession' ~ c_control or length(p_row ->> 'accession') not between 1 and 40 then
        return 'UNREADABLE_ACCESSION';
    end if;
    for v_number in
        select n.*, p_row ->> n.name as said
        from (values
            ('eps_diluted', true, -1e6, 1e6), ('revenue', true, -1e14, 1e14), ('net_income', true, -1e14, 1e14),
            ('operating_cash_flow', true, -1e14, 1e14), ('capital_expenditure', true, 0, 1e14),
            ('free_cash_flow', true, -1e14, 1e14), ('dividends_paid', true, 0, 1e14),
            ('dividends_per_share', true, 0, 1e6), ('book_value', false, -1e14, 1e14),
            ('total_assets', false, 0, 1e14), ('total_liabilities', false, 0, 1e14),
            ('shares_outstanding', false, 1000, 1e13), ('market_cap', false, 1e4, 1e15)
        ) as n (name, is_flow, least, most)
        where p_row ->> n.name is not null
    loop
        v_stated := v_stated + 1;
        begin
            v_value := v_number.said::double precision;
        exception
            when data_exception then return 'UNREADABLE_NUMBER';
        end;
        -- NaN sorts above Infinity.
        if v_value >= 'Infinity' or v_value = '-Infinity' then return 'NON_FINITE'; end if;
        if v_number.least > 0 and v_value <= 0 then return 'NON_POSITIVE'; end if;
        if v_number.least = 0 and v_value < 0 then return 'NEGATIVE_NUMBER'; end if;
        if v_value < v_number.least or v_value > v_number.most or v_value <> 0 and abs(v_value) < c_least then
            return 'ABSURD_NUMBER';
        end if;
        if v_number.is_flow and v_months = '0' then return 'FLOW_WITHOUT_PERIOD'; end if;
    end loop;
    return case when v_stated = 0 then 'NO_NUMBERS' end;
end;
$$;
comment on function market.fundamental_fault(jsonb, timestamptz) is
'Code of the first fault of a received statement of a period; NULL where it can be stored.';
