-- market.factor_steps(as_of, recorded_before, symbols): the cumulative price factor of each symbol after each corporate action.
-- Why: ruling F9: adjusted_t = raw_t x product of the factors with ex-date <= t, a double precision product taken from left to
-- right in the order of (ex_date, kind descending: a split before a dividend), from 1.0. Features take it the same way, so both
-- agree to the bit; hence a loop. Only actions of the source that the first bar on or after the ex-date is elected from count,
-- each in its newest revision within both bounds; none on or before the first stored session, where the series is anchored.
-- calc.price_factors is the same rule over arrays.
-- One row per symbol and ex-date, the product after all actions of that date. Called by: market.panel. Raises: nothing.
create or replace function market.factor_steps(p_as_of timestamptz, p_recorded_before timestamptz, p_symbols text[])
returns table (symbol text, ex_date date, factor double precision)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- No session can be known before its own date begins.
    v_today constant date := (p_as_of at time zone 'UTC')::date;
    v_action record;
begin
    for v_action in
        with newest as (
            select distinct on (a.symbol, a.ex_date, a.kind, a.provider) a.symbol, a.ex_date, a.kind, a.provider, a.factor
            from market.corporate_actions as a
            where a.symbol = any (p_symbols) and a.known_at <= p_as_of and a.recorded_at <= p_recorded_before
            order by a.symbol, a.ex_date, a.kind, a.provider, a.revision desc
        ),

        anchors as materialized (
            select w.symbol, a.session
            from (select distinct n.symbol from newest as n) as w
                cross join lateral (
                    select h.session
                    from market.price_history as h
                    where h.symbol = w.symbol and h.session <= v_today
                        and case when h.known_at <= p_as_of and h.recorded_at <= p_recorded_before then true
                            else exists (select 1 from market.bar_as_of(h.symbol, h.session, p_as_of, p_recorded_before)) end
                    order by h.session
                    limit 1
                ) as a
        )

        select
            n.symbol, n.ex_date, n.factor,
            lead(n.ex_date) over (partition by n.symbol order by n.ex_date, n.kind desc) as next_date
        from newest as n
            join anchors as a on a.symbol = n.symbol and a.session < n.ex_date
            join lateral (
                -- A case, because the order of an or is not promised and the second half is the slow one.
                select e.provider
                from (
                        select
                            h.session,
                            case when h.known_at <= p_as_of and h.recorded_at <= p_recorded_before then h.provider
                                else (
                                    select b.provider
                                    from market.bar_as_of(h.symbol, h.session, p_as_of, p_recorded_before) as b
                                )
                            end as provider
                        from market.price_history as h
                        where h.symbol = n.symbol and h.session between n.ex_date and v_today
                    ) as e
                where e.provider is not null
                order by e.session
                limit 1
            ) as e on e.provider = n.provider
        order by n.symbol, n.ex_date, n.kind desc
    loop
        if symbol is distinct from v_action.symbol then
            symbol := v_action.symbol;
            factor := 1.0;
        end if;
        ex_date := v_action.ex_date;
        factor := factor * v_action.factor;
        if ex_date is distinct from v_action.next_date then
            return next;
        end if;
    end loop;
end;
$$;
comment on function market.factor_steps(timestamptz, timestamptz, text[]) is
'One row per symbol and ex-date: the running product of the elected source''s factors up to it, known and recorded within the '
'bounds (F9).';
