-- market.panel(as_of, recorded_before, sessions, symbols): one array of closes per symbol, aligned on
-- market.panel_sessions(as_of, sessions), in the price basis of the instrument x the factors of ruling F9 (anchored at the first
-- stored session); NULL where a session has no valid bar.
-- Why: the returns every stage and every replay work on: only rows known at as_of and recorded by recorded_before. An elected bar
-- within both bounds is the answer, because a later one would have replaced it; for the others the best revision within the
-- bounds is elected from market.provider_bars.
-- Called by: the runner as fund_decider. Raises: nothing; a symbol without bars has an array of NULLs.
create or replace function market.panel(
    p_as_of timestamptz, p_recorded_before timestamptz, p_sessions integer, p_symbols text[]
)
returns table (symbol text, closes double precision[])
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sessions constant date[] := market.panel_sessions(p_as_of, p_sessions);
    v_first constant date := v_sessions[1];
    v_last constant date := v_sessions[cardinality(v_sessions)];
begin
    return query
    with steps as (
        select f.symbol, array_agg(f.ex_date order by f.ex_date) as dates, array_agg(f.factor order by f.ex_date) as factors
        from market.factor_steps(p_as_of, p_recorded_before, p_symbols) as f
        where f.ex_date <= v_last
        group by f.symbol
    ),

    wanted as (
        select u.symbol, s.dates, s.factors
        from (select distinct g.symbol from unnest(p_symbols) as g (symbol)) as u
            left join steps as s on s.symbol = u.symbol
    )

    select w.symbol, a.closes
    from wanted as w
        cross join lateral (
            select array_agg(h.price * d.factor order by d.n) as closes
            from (
                    -- One stretch of sessions per factor; the first reaches back to the beginning, with factor 1.
                    select n.n, v_sessions[n.n] as session, t.factor
                    from (
                            select o.factor, o.from_date, lead(o.from_date, 1, v_last + 1) over (order by o.from_date) as to_date
                            from unnest('-infinity'::date || w.dates, 1.0::double precision || w.factors) as o (from_date, factor)
                        ) as t
                        cross join lateral generate_series(
                            width_bucket(t.from_date - 1, v_sessions) + 1, width_bucket(t.to_date - 1, v_sessions)
                        ) as n (n)
                ) as d
                left join (
                    select
                        p.session,
                        case when p.known_at <= p_as_of and p.recorded_at <= p_recorded_before then p.close
                            else (select b.close from market.bar_as_of(p.symbol, p.session, p_as_of, p_recorded_before) as b)
                        end as price
                    from market.price_history as p
                    where p.symbol = w.symbol and p.session between v_first and v_last
                ) as h on h.session = d.session
        ) as a
    order by w.symbol collate "C";
end;
$$;
comment on function market.panel(timestamptz, timestamptz, integer, text[]) is
'One array of F9-adjusted closes per symbol, aligned on market.panel_sessions(as_of, sessions); NULL where there is no valid '
'bar.';
