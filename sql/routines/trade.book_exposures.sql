-- trade.book_exposures(book, sector): the exposures of a book in USD, of the positions alone and with its orders.
-- What: with orders, a side counts what would stand if every increase filled and only market orders reduced: a resting limit order
-- to sell frees no room for a purchase.
-- Why: the two books of ruling HELD; gross, long, short and sector limits take the worse.
-- Called by: trade.order_context. Raises: nothing; one missing price makes every sum NULL, which refuses (I17).
create or replace function trade.book_exposures(p_book govern.book_lines[], p_sector text)
returns govern.exposures
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    with lines as (
        select
            l.price,
            l.sector = p_sector as of_sector,
            l.held,
            greatest(l.held + l.buys - l.market_sells, 0) as long,
            greatest(l.sells - l.market_buys - l.held, 0) as short
        from unnest(p_book) as l
        where l.held <> 0 or l.buys <> 0 or l.sells <> 0
    ),

    sums as (
        select
            coalesce(bool_or(l.price is null), false) as unpriced,
            coalesce(sum(abs(l.held) * l.price), 0) as held_gross,
            coalesce(sum(greatest(l.held, 0) * l.price), 0) as held_long,
            coalesce(sum(greatest(-l.held, 0) * l.price), 0) as held_short,
            coalesce(sum(abs(l.held) * l.price) filter (where l.of_sector), 0) as held_sector,
            coalesce(sum(greatest(l.long, l.short) * l.price), 0) as gross,
            coalesce(sum(l.long * l.price), 0) as long,
            coalesce(sum(l.short * l.price), 0) as short,
            coalesce(sum(greatest(l.long, l.short) * l.price) filter (where l.of_sector), 0) as sector
        from lines as l
    )

    select case
        when s.unpriced then null
        else row(
            s.held_gross, s.held_long, s.held_short, s.held_sector, s.gross, s.long, s.short, s.sector
        )::govern.exposures
    end
    from sums as s
$$;
comment on function trade.book_exposures(govern.book_lines[], text) is
'Gross, long, short and one sector''s exposure of a book in USD, held alone and with orders; NULL where a price is missing (HELD).';
