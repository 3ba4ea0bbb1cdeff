-- market.record_attempts(symbol, provider, sessions, fault): a source was asked for missing sessions again. Returns how many of
-- them are still missing.
-- Why: whose turn it is next follows from how often a session was asked for, and of whom.
-- Called by: runner/gaps.py as fund_ingestor, once the answer is taken in. Raises: nothing; what no bar can be of is passed over.
create or replace function market.record_attempts(p_symbol text, p_provider text, p_sessions date[], p_fault text)
returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    insert into market.gap_attempts (symbol, session, provider, fault, attempted_at)
    select i.symbol, s.session, p_provider, p_fault, ops.now()
    from ref.instruments as i
        join ref.sessions as s on s.calendar = i.calendar and s.session = any (p_sessions)
    where i.symbol = p_symbol
    order by s.session;
    select count(*)::integer from market.open_gaps as g where g.symbol = p_symbol and g.session = any (p_sessions)
$$;
comment on function market.record_attempts(text, text, date[], text) is
'Records that a source was asked for missing sessions of an instrument, and its fault if it did not answer; how many are still '
'missing.';
