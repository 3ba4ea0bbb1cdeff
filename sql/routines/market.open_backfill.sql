-- market.open_backfill(providers, first, last, symbols, worker, lease_seconds, restart): the backfill of these sources and
-- first session that is not over, or a new one, held for the worker; NULL where another process holds it.
-- Why: what is DONE is a row, so a process that died is followed by one that goes on (nothing lost, nothing asked twice). A
-- lease keeps two from asking the same; it ends by itself, as a killed process ends nothing. Symbols new since then are added;
-- FAILED items are tried again. last: NULL continues whichever is open and has something waiting, else today; restart: give
-- the open ones up.
-- Called by: runner/backfill.py as fund_ingestor. Raises: MQ523 for a window that is none, or without symbols.
create or replace function market.open_backfill(
    p_providers text, p_first date, p_last date, p_symbols text[], p_worker text, p_lease_seconds integer, p_restart boolean
)
returns table (backfill_id bigint, last_session date)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now timestamptz;
    v_open market.backfills;
    v_last constant date := coalesce(p_last, (ops.now() at time zone 'UTC')::date);
begin
    if (p_first <= v_last and cardinality(p_symbols) > 0) is not true then
        raise exception using errcode = 'MQ523', message = 'a backfill needs symbols, and a first session before the last',
            detail = format('first=%s last=%s symbols=%s', p_first, v_last, cardinality(p_symbols)),
            hint = 'python -m runner ingest --provider auto --from 2019-01-02';
    end if;
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;
    v_now := clock_timestamp();
    -- Of several (the same start, ended on other days) what waits goes on first, else the one that comes furthest.
    select b.* into v_open
    from market.backfills as b
        cross join lateral (
            select exists (
                select from market.backfill_items as i where i.backfill_id = b.backfill_id and i.state = 'PENDING'
            ) as has_waiting
        ) as w
    where b.state = 'OPEN' and b.providers = p_providers and b.first_session = p_first
        and b.last_session = coalesce(p_last, b.last_session)
    order by b.leased_until > v_now and b.worker <> p_worker desc, w.has_waiting desc, b.last_session desc
    limit 1;
    if v_open.leased_until > v_now and v_open.worker <> p_worker then
        return;
    end if;
    -- Where nothing waits any more and days have passed, the same words mean the days that came since.
    if p_restart
        or p_last is null and v_open.last_session < v_last and not exists (
            select from market.backfill_items as i where i.backfill_id = v_open.backfill_id and i.state = 'PENDING'
        )
    then
        update market.backfills as b
        set state = 'ABANDONED', closed_at = v_now
        where b.state = 'OPEN' and b.providers = p_providers and b.first_session = p_first
            and b.last_session = coalesce(p_last, b.last_session);
        v_open := null;
    end if;
    if v_open.backfill_id is null then
        insert into market.backfills as b (providers, first_session, last_session, worker, leased_until, opened_at)
        values (p_providers, p_first, v_last, p_worker, v_now, v_now)
        returning b.* into v_open;
    end if;
    update market.backfills as b
    set worker = p_worker, leased_until = v_now + make_interval(secs => p_lease_seconds)
    where b.backfill_id = v_open.backfill_id;
    insert into market.backfill_items as i (backfill_id, symbol)
    select v_open.backfill_id, s.symbol from unnest(p_symbols) as s (symbol)
    on conflict on constraint backfill_items_pkey do nothing;
    update market.backfill_items as i
    set state = 'PENDING', reason = null, finished_at = null
    where i.backfill_id = v_open.backfill_id and i.state = 'FAILED' and i.symbol = any (p_symbols);
    return query select v_open.backfill_id, v_open.last_session;
end;
$$;
comment on function market.open_backfill(text, date, date, text[], text, integer, boolean) is
'Holds the open backfill of these sources and window for a worker, or opens one; no row where another holds it. Raises MQ523.';
