-- trade.client_order_id(account, cycle, symbol, leg, revision): the id of an intent, at most 48 characters.
-- What: symbol, leg and revision to be read by a person, then 80 bits of the SHA-256 of all five parts.
-- Why: the same intent has the same id on every machine and after every crash, so that a broker refuses its double; never from a
-- clock, a sequence or a random number (I1, measured).
-- Called by: trade.place_orders. Raises: nothing (NULL where a part is NULL).
create or replace function trade.client_order_id(p_account text, p_cycle_id text, p_symbol text, p_leg text, p_revision integer)
returns text
language sql
immutable
strict
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
    -- The longest readable part is 16 + 11 + 2 + 10 digits: it is cut, the digest is not. '|' occurs in none of the parts.
    select left(concat_ws('-', p_symbol, p_leg, p_revision), 27) || '-' || left(
        encode(sha256(convert_to(concat_ws('|', p_account, p_cycle_id, p_symbol, p_leg, p_revision), 'UTF8')), 'hex'), 20
    )
$$;
comment on function trade.client_order_id(text, text, text, text, integer) is
'The id of an intent: readable head and 20 hexadecimal digits of the digest of account, cycle, symbol, leg, revision; at most 48 characters (I1).';
