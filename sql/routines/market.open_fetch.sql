-- market.open_fetch(provider, symbol, purpose, first, last, asked_at): the asking of a source whose answers are about to be taken
-- in; returns its number. asked_at: ops.now() when the request left; NULL: now.
-- Why: it is numbered under the market's lock, in the transaction of its bars, so the order of the numbers is the order in which
-- answers were taken in and the archive can be read again in it. received_at and recorded_at are fixed here: the rows are judged
-- and dated by them, now and whenever they are read again.
-- Called by: runner/ingest.py and runner/router.py as fund_ingestor. Raises: MQ107 for a source that is not registered, MQ108 for
-- an instrument that is not, MQ520 (market.refuse_live_history).
create or replace function market.open_fetch(
    p_provider text, p_symbol text, p_purpose text, p_first date, p_last date, p_asked_at timestamptz
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_fetch bigint;
begin
    if not exists (select 1 from ref.providers as p where p.provider = p_provider) then
        raise exception using errcode = 'MQ107', message = 'only a registered source can be asked',
            detail = 'provider=' || coalesce(p_provider, ''), hint = 'python -m runner ingest registers the providers first';
    end if;
    if p_symbol is not null and not exists (select 1 from ref.instruments as i where i.symbol = p_symbol) then
        raise exception using errcode = 'MQ108', message = 'only a known instrument can be asked for',
            detail = 'symbol=' || p_symbol, hint = 'add the symbol to configs/universe.csv and run python -m runner ingest';
    end if;
    if p_symbol is not null then
        perform market.refuse_live_history(p_symbol, p_purpose, p_first, p_asked_at);
    end if;
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;
    insert into market.fetches (
        provider, symbol, purpose, first_session, last_session, asked_at, received_at, recorded_at
    )
    values (
        p_provider, p_symbol, p_purpose, p_first, p_last, least(p_asked_at, ops.now()), ops.now(), clock_timestamp()
    )
    returning fetch_id into v_fetch;
    return v_fetch;
end;
$$;
comment on function market.open_fetch(text, text, text, date, date, timestamptz) is
'Numbers an asking under the market''s lock and fixes when its answer was received. Raises MQ107, MQ108, MQ520.';
