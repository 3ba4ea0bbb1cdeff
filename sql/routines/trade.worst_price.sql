-- trade.worst_price(last, limit, stop): the highest price an order may be worth a share; NULL where the last close is unknown.
-- Why: a purchase at a limit above the last close costs the limit, a stop that triggers above it costs that (I16); greatest()
-- alone would skip the unknown close (I17).
-- Called by: trade.order_context, trade.basket, trade.turnover_value. Raises: nothing.
create or replace function trade.worst_price(p_last numeric, p_limit numeric, p_stop numeric)
returns numeric
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case when p_last is not null then greatest(p_last, p_limit, p_stop) end
$$;
comment on function trade.worst_price(numeric, numeric, numeric) is
'The worse of last close, limit and stop price of an order; NULL without a close.';
