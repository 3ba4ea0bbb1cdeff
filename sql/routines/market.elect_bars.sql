-- market.elect_bars(batch): brings the bars a batch stored into market.price_history where they are the elected ones.
-- Why: one bar per symbol and session, by the source's priority and then its newest revision, and only of the instrument's own
-- price basis and kind: a history of two bases is no series. Every other bar stays in market.provider_bars as a second opinion.
-- Called by: market.ingest_bars, under its lock and before the landing rows go (they carry adj_close). Returns the elected bars
-- of other sources it replaced. Raises: nothing.
create or replace function market.elect_bars(p_batch bigint)
returns integer
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with candidates as (
        select b.*, p.priority
        from market.ingest_batches as i
            join ref.providers as p on p.provider = i.provider
            join ref.instruments as n on n.symbol = i.symbol and n.price_basis = p.price_basis and n.price_kind = p.price_kind
            join market.provider_bars as b
                on b.symbol = i.symbol and b.provider = i.provider and b.batch_id = i.batch_id
        where i.batch_id = p_batch
    ),

    -- Finite only, and of the first row of a session: equal rows may differ in it.
    evidence as (
        select distinct on (l.session)
            l.session, case when l.adj_close > 0 and l.adj_close < 'Infinity' then l.adj_close end as adj_close
        from market.bar_landing as l
        where l.batch_id = p_batch
        order by l.session, l.row_number
    ),

    superseded as (
        select count(*) as bars
        from candidates as c
            join market.price_history as h on h.symbol = c.symbol and h.session = c.session and h.provider <> c.provider
            join ref.providers as p on p.provider = h.provider and p.priority > c.priority
    ),

    elected as (
        insert into market.price_history as h (
            symbol, session, open, high, low, close, adj_close, volume, provider, revision, price_kind, price_basis,
            known_at, recorded_at
        )
        select
            c.symbol, c.session, c.open, c.high, c.low, c.close, e.adj_close, c.volume, c.provider, c.revision, c.price_kind,
            c.price_basis, c.known_at, c.recorded_at
        from candidates as c
            join evidence as e on e.session = c.session
        on conflict (symbol, session) do update set
            open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
            adj_close = excluded.adj_close, volume = excluded.volume, provider = excluded.provider,
            revision = excluded.revision, known_at = excluded.known_at, recorded_at = excluded.recorded_at
        where h.provider = excluded.provider
            or (select p.priority from ref.providers as p where p.provider = h.provider)
            > (select p.priority from ref.providers as p where p.provider = excluded.provider)
    )

    select s.bars::integer from superseded as s
$$;
comment on function market.elect_bars(bigint) is
'Elects the bars of a batch into market.price_history by priority and basis; returns how many of other sources they replaced.';
