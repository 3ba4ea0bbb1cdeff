-- trade.split_factor(symbol, after, through): by how much the splits after one session and through another multiply shares.
-- Why: a price kept from before a split is re-based on it (D14): divided by this. 1 where there was none.
-- Called by: trade.stops_due, trade.order_book, decide.load_state. Raises: nothing.
create or replace function trade.split_factor(p_symbol text, p_after date, p_through date)
returns numeric
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select coalesce(round(exp(sum(ln(k.factor))), 10), 1)
    from trade.known_actions(p_symbol, p_after + 1, p_through) as k
    where k.kind = 'split'
$$;
comment on function trade.split_factor(text, date, date) is
'Product of the factors of the splits of a symbol that are known now, with ex-dates after one date and through another.';
