-- market.judge_fundamentals(batch, rows, latest): what becomes of each received statement of a batch.
-- Why: a statement is known by its period and its filing: the source's number of it, else form and instant. Rows of one
-- statement that pass by themselves but differ are all set aside (DUPLICATE_CONFLICT), as nothing says which is right; of
-- equal ones the first is accepted. revision is the number it is to be stored under, in the order of filing; NULL where it
-- equals the newest stored row of its filing. corrects: the source said otherwise of the same filing before.
-- Called by: market.ingest_fundamentals. Raises: nothing.
create or replace function market.judge_fundamentals(p_batch market.ingest_batches, p_rows jsonb, p_latest timestamptz)
returns table (
    row_number integer, received jsonb, fact market.fundamentals, reason text, is_duplicate boolean, accepted boolean,
    corrects boolean, revision integer
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
    with judged as materialized (
        select r.n::integer as n, r.said, market.fundamental_fault(r.said, p_latest) as fault
        from jsonb_array_elements(p_rows) with ordinality as r (said, n)
    ),

    -- A row that cannot be read is not cast: the record of NULL is NULL throughout.
    read as materialized (
        select
            j.*, f as stated, coalesce(f.accession, f.form || ' ' || ops.utc_text(f.filed_at)) as filing,
            row(
                f.form, f.filed_at, f.eps_diluted, f.revenue, f.net_income, f.operating_cash_flow, f.capital_expenditure,
                f.free_cash_flow, f.dividends_paid, f.dividends_per_share, f.book_value, f.total_assets, f.total_liabilities,
                f.shares_outstanding, f.market_cap
            )::text as content
        from judged as j
            cross join lateral jsonb_populate_record(
                null::market.fundamentals, case when j.fault is null then j.said end
            ) as f
    ),

    compared as (
        select
            r.*, row_number() over same_statement as nth,
            r.content is distinct from first_value(r.content) over same_statement as differs
        from read as r
        window same_statement as (
            partition by r.fault is null, (r.stated).period_end, (r.stated).period_months, r.filing order by r.n
        )
    ),

    final as (
        select
            c.*,
            coalesce(c.fault, case
                when bool_or(c.differs) over (
                        partition by c.fault is null, (c.stated).period_end, (c.stated).period_months, c.filing
                    ) then 'DUPLICATE_CONFLICT'
            end) as reason
        from compared as c
    ),

    placed as (
        select f.*, f.reason is null and f.nth = 1 as accepted, s.newest, s.content as stored
        from final as f
            left join lateral market.stored_statement(p_batch, (f.stated).period_end, (f.stated).period_months, f.filing) as s
                on f.reason is null
    )

    select
        p.n, p.said, p.stated, p.reason, p.fault is null and p.nth > 1, p.accepted, p.stored is not null,
        case when p.accepted and p.stored is distinct from p.content
            then p.newest + (row_number() over (
                partition by (p.stated).period_end, (p.stated).period_months, p.accepted and p.stored is distinct from p.content
                order by (p.stated).filed_at, (p.stated).accession collate "C" nulls first, (p.stated).form collate "C"
            ))::integer end
    from placed as p
$$;
comment on function market.judge_fundamentals(market.ingest_batches, jsonb, timestamptz) is
'One row per received statement: the fact it states, reason to be set aside or NULL, and the revision it is to be stored as.';
