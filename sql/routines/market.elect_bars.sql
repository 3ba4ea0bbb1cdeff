-- market.elect_bars(bars, priority): elects bars one source has just had stored for one symbol; returns how many of a worse
-- source they supersede.
-- Why: one bar per session stands in market.price_history, by the source's priority and its newest revision, and only of the
-- instrument's own price basis and kind: a history of two bases is no series. Every other bar stays in market.provider_bars as a
-- second opinion. adj_close is evidence and stands beside the elected bar alone (F9); one that is no price is left out.
-- Called by: market.store_landing, which holds the lock. Raises: nothing.
create or replace function market.elect_bars(p_bars market.price_history[], p_priority integer)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_superseded integer;
begin
    if not exists (
            select 1 from ref.instruments as i
            where i.symbol = p_bars[1].symbol and i.price_basis = p_bars[1].price_basis and i.price_kind = p_bars[1].price_kind
        )
    then
        return 0;
    end if;
    select count(*) into v_superseded
    from market.price_history as h
    where h.symbol = p_bars[1].symbol and h.session in (select b.session from unnest(p_bars) as b)
        and h.provider in (select p.provider from ref.providers as p where p.priority > p_priority);

    insert into market.price_history as h (
        symbol, session, open, high, low, close, adj_close, volume, provider, revision, price_kind, price_basis,
        known_at, recorded_at
    )
    select
        b.symbol, b.session, b.open, b.high, b.low, b.close,
        case when b.adj_close > 0 and b.adj_close < 'Infinity' then b.adj_close end, b.volume, b.provider, b.revision,
        b.price_kind, b.price_basis, b.known_at, b.recorded_at
    from unnest(p_bars) as b
    on conflict (symbol, session) do update set
        open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        adj_close = excluded.adj_close, volume = excluded.volume, provider = excluded.provider,
        revision = excluded.revision, known_at = excluded.known_at, recorded_at = excluded.recorded_at
    where (select p.priority from ref.providers as p where p.provider = h.provider) >= p_priority;
    return v_superseded;
end;
$$;
comment on function market.elect_bars(market.price_history[], integer) is
'Elects bars of one symbol and source, by priority within the instrument''s basis and kind; returns how many they superseded.';
