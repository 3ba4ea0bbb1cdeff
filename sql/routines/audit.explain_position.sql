-- audit.explain_position(cycle, run, symbol): what was held after the trade session (NULL until it is over), what is held
-- now, and what the run told the next one to remember of the symbol.
-- Called by: audit.explain_json. Raises: nothing; NULL for an unknown run.
create or replace function audit.explain_position(p_cycle_id text, p_run integer, p_symbol text)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'after_trade_session', (
            select jsonb_build_object(
                'session', c.trade_session, 'quantity', case when s.closes_at <= ops.now() then coalesce(m.quantity, 0) end,
                'close', case when s.closes_at <= ops.now() then m.price end
            )
            from trade.accounts as a
                left join ref.sessions as s on s.calendar = a.calendar and s.session = c.trade_session
                left join trade.marked_positions(c.account, c.trade_session) as m on m.symbol = p_symbol
            where a.account = c.account
        ),
        'now', (
            select jsonb_build_object(
                'quantity', p.quantity, 'average_price', p.average_price, 'realized_pnl', p.realized_pnl, 'fees', p.fees
            )
            from trade.positions as p
            where p.account = c.account and p.symbol = p_symbol
        ),
        'remembered', (
            select jsonb_build_object(
                'entry_stop', s.entry_stop, 'stale_view_sessions', s.stale_view_sessions,
                'stopped_out_session', s.stopped_out_session
            )
            from decide.symbol_states as s
            where s.cycle_id = p_cycle_id and s.run = p_run and s.symbol = p_symbol
        )
    )
    from decide.cycles as c
    where c.cycle_id = p_cycle_id
$$;
comment on function audit.explain_position(text, integer, text) is
'The position of a symbol after the cycle''s trade session and now, and the memory the run left of it.';
