-- govern.limit_exposure(limits, name, nav, held, before, after): the finding of a limit on the book, as a fraction of NAV.
-- What: passes where the order does not raise the exposure of the book with its orders; else the worse of the positions alone and
-- the book with this order must be within the limit (ruling HELD).
-- Why: reductions always pass, and a book that drifted above a limit may not be increased by an order that offsets it on paper.
-- Called by: govern.limit_gross, _long, _short, _sector. Raises: nothing.
create or replace function govern.limit_exposure(
    p_limits jsonb, p_limit_name text, p_nav numeric, p_held numeric, p_before numeric, p_after numeric
)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_after <= p_before and p_before < 'Infinity' then
            row(p_limit_name, true, f.observed, f.threshold, 'NOT_RAISED')::govern.limit_findings
        else row(f.limit_name, f.passed, f.observed, f.threshold, f.reason)::govern.limit_findings
    end
    from govern.limit_upper(
        p_limits, p_limit_name,
        -- greatest() skips NULL: the sum is NULL where either is.
        case when p_nav > 0 then greatest(p_held, p_after) / p_nav + (p_held + p_after) * 0 end
    ) as f
$$;
comment on function govern.limit_exposure(jsonb, text, numeric, numeric, numeric, numeric) is
'The finding of an exposure limit: raised only within the limit, by the worse of the positions alone and with orders (HELD).';
