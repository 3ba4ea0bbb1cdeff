-- trade.stops_due(account): one row per symbol that is held or has a resting stop: the stop it should have, and the one it has.
-- What: side against the position, all of it, whole shares until cancelled and a fraction for the day (F15), at the stop of the
-- newest DONE decision that has one, rounded to the broker's tick towards the price: never wider than decided, never wider than
-- what rests, re-based on a split since (D14). `fits`: the resting one is that stop, or is being filled. `busy`: another order of
-- the symbol is live.
-- Why: what should rest follows from facts alone, so a pass that died half way is finished by the next one.
-- Called by: trade.protect_positions. Raises: nothing; no decision, no price: stop_price is NULL.
create or replace function trade.stops_due(p_account text)
returns setof trade.protective_stops
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with live as (
        select l.client_order_id, l.symbol, l.leg, l.side, l.unfilled_quantity, l.state, o.stop_price, o.time_in_force
        from trade.live_orders as l
            join trade.orders as o on o.client_order_id = l.client_order_id
        where l.account = p_account
    ),

    symbols as (
        select h.symbol from trade.held_quantities as h where h.account = p_account and h.quantity <> 0
        union
        select l.symbol from live as l where l.leg = 'stop'
    ),

    positions as (
        select
            s.symbol, nullif(trim_scale(trunc(abs(h.quantity), 4)), 0) as quantity,
            case sign(h.quantity) when 1 then 'SELL' when -1 then 'BUY' end as side
        from symbols as s
            left join trade.held_quantities as h on h.account = p_account and h.symbol = s.symbol
    ),

    wanted as (
        select
            p.symbol, p.side, p.quantity, d.cycle_id, d.run,
            case when p.quantity = trunc(p.quantity) then 'GTC' when p.quantity is not null then 'DAY' end as time_in_force,
            case p.side
                when 'SELL' then greatest(trade.tick_price(d.stop_loss, p.side), r.own_price)
                when 'BUY' then least(trade.tick_price(d.stop_loss, p.side), r.own_price)
            end as stop_price,
            r.client_order_id, r.state, r.side as resting_side, r.unfilled_quantity, r.stop_price as resting_price,
            r.time_in_force as resting_time_in_force
        from positions as p
            left join lateral (
                select l.*, case when l.side = p.side then l.stop_price end as own_price
                from live as l
                where l.symbol = p.symbol and l.leg = 'stop'
                order by l.client_order_id
                limit 1
            ) as r on true
            left join lateral (
                select x.cycle_id, x.run, x.stop_loss::numeric / trade.split_factor(
                    x.symbol, c.as_of_session, (ops.now() at time zone 'UTC')::date
                ) as stop_loss
                from decide.decisions as x
                    join decide.cycle_runs as n on n.cycle_id = x.cycle_id and n.run = x.run and n.state = 'DONE'
                    join decide.cycles as c on c.cycle_id = x.cycle_id and c.mode <> 'shadow'
                where x.account = p_account and x.symbol = p.symbol and x.stop_loss is not null
                order by c.as_of desc, n.closed_recorded_at desc
                limit 1
            ) as d on true
    )

    select
        w.symbol, w.side, w.quantity, w.stop_price, w.time_in_force, trade.current_session(w.symbol), w.cycle_id, w.run,
        w.client_order_id,
        coalesce(w.state = 'PARTIAL' or (w.resting_side, w.unfilled_quantity, w.resting_price, w.resting_time_in_force)
            = (w.side, w.quantity, w.stop_price, w.time_in_force), false),
        exists (select 1 from live as l where l.symbol = w.symbol and l.leg <> 'stop')
    from wanted as w
    order by w.symbol collate "C"
$$;
comment on function trade.stops_due(text) is
'Per symbol held or with a resting stop: the protective stop it should have and the one it has.';
