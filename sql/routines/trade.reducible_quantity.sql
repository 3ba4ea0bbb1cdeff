-- trade.reducible_quantity(line, intent): how many shares an order on that side may still trade toward zero.
-- What: what is held on the other side, less what live orders already close; for a protective stop, less the other stops as well.
-- An exit does not count the resting stop: it makes way (trade.make_way).
-- Why: "reduces" must be true whatever else fills: two exits of one position would open the other side (A5, B5).
-- Called by: trade.order_context, trade.place_orders. Raises: nothing.
create or replace function trade.reducible_quantity(p_line govern.book_lines, p_intent govern.order_intents)
returns numeric
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select greatest(
        case (p_intent).side when 'SELL' then (p_line).held else -(p_line).held end
        - case (p_intent).side when 'SELL' then (p_line).sells else (p_line).buys end
        - case when (p_intent).leg = 'stop' then (p_line).stops else 0 end,
        0
    )
$$;
comment on function trade.reducible_quantity(govern.book_lines, govern.order_intents) is
'Shares an order may trade toward zero, live orders that already do so deducted; 0 where it would open.';
