-- trade.book_before(book, id): the book as an order meets it: without the order itself and those that wait for it, however far
-- behind.
-- Why: at release an order is counted in by its checks, so it must not stand in the book already; and what is ordered behind it
-- has not happened: the entry of a flip must not take the shares its own exit closes.
-- Called by: trade.release_verdict. Raises: nothing.
create or replace function trade.book_before(p_book govern.book_lines[], p_client_order_id text)
returns govern.book_lines[]
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_intent govern.order_intents;
begin
    for v_intent in
        with recursive behind as (
            select o.client_order_id from trade.orders as o where o.client_order_id = p_client_order_id
            union
            select o.client_order_id
            from trade.orders as o
                join behind as b on b.client_order_id = o.waits_for
            where o.closed_at is null
        )

        select
            o.symbol, o.leg, o.side, -l.unfilled_quantity, o.order_type, o.time_in_force, o.limit_price, o.stop_price, o.revision
        from behind as b
            join trade.orders as o on o.client_order_id = b.client_order_id
            join trade.live_orders as l on l.client_order_id = b.client_order_id
    loop
        p_book := trade.book_add(p_book, v_intent);
    end loop;
    return p_book;
end;
$$;
comment on function trade.book_before(govern.book_lines[], text) is
'A book without one live order and those that wait for it.';
