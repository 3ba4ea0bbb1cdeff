-- trade.tactical_mark(account, session): the highest index of an account since the last re-base, up to a session (A6, A7).
-- Why: derived from marks and re-bases, never an updated cell (I19); the lifetime mark is never re-based. NULL without a mark.
-- Called by: trade.account_state, trade.compute_mark, decide.protocol_step, ops.status. Raises: nothing.
create or replace function trade.tactical_mark(p_account text, p_session date)
returns double precision
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select max(n.nav_index)
    from trade.nav as n
    where n.account = p_account and n.session <= p_session and n.session >= coalesce((
        select max(b.session) from trade.mark_rebases as b where b.account = p_account and b.session <= p_session
    ), '-infinity')
$$;
comment on function trade.tactical_mark(text, date) is
'Highest index of an account since its last re-base, up to a session; NULL without a mark (A7).';
