-- govern.limit_nav_freshness(order): the account has a NAV mark of the as-of session.
-- Why: a fraction of an unknown NAV is unknown (I17). A reduction needs no NAV: the fund can always de-risk.
-- Called by: govern.evaluate_order_limits. Raises: nothing: a refusal is a finding.
create or replace function govern.limit_nav_freshness(p_order govern.order_contexts)
returns govern.limit_findings
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select row(
        'nav_freshness', v.passed, (p_order).nav, null::numeric, case when v.passed then 'WITHIN' else 'NO_NAV_OF_SESSION' end
    )::govern.limit_findings
    from (
        select (
            (p_order).reduces or ((p_order).nav > 0 and (p_order).nav < 'Infinity')
        ) is true as passed
    ) as v
$$;
comment on function govern.limit_nav_freshness(govern.order_contexts) is
'A positive NAV is marked for the as-of session; reductions aside.';
