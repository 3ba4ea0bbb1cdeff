-- trade.basket(cycle, run, trade session, without, ending): what every order of a cycle is judged by, as it stands now.
-- What: the run's account and as-of session, NAV of it with the flows since, the session the order is for (the cycle's where none
-- is given), what was already placed for that session (the order `without` left out, `ending`, which a replacement ends, taken as
-- ended), the effective limits and the broker's rules.
-- Why: limits count per basket and per day over every call and every cycle (I16), and an order outside a basket may be for a later
-- day than its cycle's. A NAV of another session is no NAV (I17).
-- Called by: trade.open_basket, trade.place_alone, trade.place_replacement, trade.release_verdict. Raises: nothing; NULL for an
-- unknown cycle.
create or replace function trade.basket(
    p_cycle_id text, p_run integer, p_trade_session date default null, p_without text default null, p_ending text default null
)
returns govern.baskets
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select row(
        c.account, a.broker, c.cycle_id, p_run, c.config_sha256, c.as_of_session, d.trade_session,
        trade.nav_with_flows(c.account, c.as_of_session),
        placed.order_count, placed.basket_value, placed.turnover_value,
        (
            -- A limit that is not in force has no key, and what asks for it refuses.
            select jsonb_object_agg(l.limit_name, l.threshold)
            from govern.effective_limits as l
            where l.bound = 'upper'
        ),
        coalesce((
            select jsonb_object_agg(r.rule, r.parameter) from ref.broker_rules as r where r.broker in ('all', a.broker)
        ), '{}'::jsonb)
    )::govern.baskets
    from decide.cycles as c
        join trade.accounts as a on a.account = c.account
        cross join lateral (select coalesce(p_trade_session, c.trade_session) as trade_session) as d
        cross join lateral (
            select
                count(*)::integer as order_count,
                coalesce(sum(o.quantity * trade.worst_price(o.reference_price::numeric, o.limit_price, o.stop_price)) filter (
                    where o.cycle_id = c.cycle_id and o.leg <> 'stop'
                ), 0) as basket_value,
                trade.turnover_value(c.account, d.trade_session, p_without, p_ending) as turnover_value
            from trade.orders as o
            where o.account = c.account and o.trade_session = d.trade_session and o.refused_by is null and not o.unsent
                and o.client_order_id is distinct from p_without
        ) as placed
    where c.cycle_id = p_cycle_id
$$;
comment on function trade.basket(text, integer, date, text, text) is
'NAV, limits, broker rules and what was placed already for a session: what an order of the cycle is judged by; one order may be '
'left out, one taken as ended.';
