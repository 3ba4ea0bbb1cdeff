-- market.stored_statement(batch, period end, months, filing): what is stored of a filing's statement of a period: the newest
-- revision of the period by the batch's source (-1: none) and what the newest row of this filing says, as text (NULL: none).
-- Why: two rows of a filing are compared bit for bit, NULL with NULL, as one value.
-- Called by: market.judge_fundamentals. Raises: nothing.
create or replace function market.stored_statement(
    p_batch market.ingest_batches, p_period_end date, p_period_months integer, p_filing text
)
returns table (newest integer, content text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
    select
        coalesce(max(f.revision), -1),
        (array_agg(
            row(
                f.form, f.filed_at, f.eps_diluted, f.revenue, f.net_income, f.operating_cash_flow, f.capital_expenditure,
                f.free_cash_flow, f.dividends_paid, f.dividends_per_share, f.book_value, f.total_assets, f.total_liabilities,
                f.shares_outstanding, f.market_cap
            )::text
            order by f.revision desc
        ) filter (where coalesce(f.accession, f.form || ' ' || ops.utc_text(f.filed_at)) = p_filing))[1]
    from market.fundamentals as f
    where f.symbol = p_batch.symbol and f.provider = p_batch.provider
        and f.period_end = p_period_end and f.period_months = p_period_months
$$;
comment on function market.stored_statement(market.ingest_batches, date, integer, text) is
'One row: the newest revision stored of a period by the batch''s source, and what the newest row of one filing says.';
