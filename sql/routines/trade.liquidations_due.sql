-- trade.liquidations_due(account): one row per position: the order that closes it, and why it cannot be placed now.
-- What: side against the position, all of it, at the market for the day. fault: BUSY while another order of the symbol lives;
-- NO_DECISION where no DONE run ever decided on it, whose order it would be; NO_SESSION; REFUSED where the same one was refused for
-- this session under the configuration that is pinned. NULL: it can be.
-- Why: what is to be closed follows from facts alone, so a pass that died half way is finished by the next one.
-- Called by: trade.liquidate_positions, `python -m runner liquidate --check`. Raises: nothing.
create or replace function trade.liquidations_due(p_account text)
returns table (symbol text, side text, quantity numeric, cycle_id text, run integer, trade_session date, fault text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with positions as (
        select
            h.symbol, case sign(h.quantity) when 1 then 'SELL' else 'BUY' end as side,
            trim_scale(trunc(abs(h.quantity), 4)) as quantity, trade.current_session(h.symbol) as trade_session
        from trade.held_quantities as h
        where h.account = p_account and trunc(abs(h.quantity), 4) > 0
    )

    select
        p.symbol, p.side, p.quantity, d.cycle_id, d.run, p.trade_session,
        case
            when exists (
                select 1 from trade.live_orders as l
                where l.account = p_account and l.symbol = p.symbol and l.leg <> 'stop'
            ) then 'BUSY'
            when d.cycle_id is null then 'NO_DECISION'
            when p.trade_session is null then 'NO_SESSION'
            when exists (
                select 1 from trade.orders as o
                where o.account = p_account and o.symbol = p.symbol and o.leg = 'liquidation' and o.state = 'REJECTED'
                    and o.trade_session = p.trade_session and o.side = p.side and o.quantity = p.quantity
                    and o.config_sha256 = govern.pinned_config()
            ) then 'REFUSED'
        end
    from positions as p
        left join lateral (
            select x.cycle_id, x.run
            from decide.decisions as x
                join decide.cycle_runs as r on r.cycle_id = x.cycle_id and r.run = x.run and r.state = 'DONE'
                join decide.cycles as c on c.cycle_id = x.cycle_id and c.mode <> 'shadow'
            where x.account = p_account and x.symbol = p.symbol
            order by c.as_of desc, r.closed_recorded_at desc
            limit 1
        ) as d on true
    order by p.symbol collate "C"
$$;
comment on function trade.liquidations_due(text) is
'Per position of an account the order that closes it, and why it cannot be placed now; fault NULL where it can.';
