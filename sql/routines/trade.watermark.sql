-- trade.watermark(account, stream): how far a broker's records are read and committed; NULL before the first.
-- Called by: the broker worker. Raises: nothing.
create or replace function trade.watermark(p_account text, p_stream text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select w.value from trade.sync_watermarks as w where w.account = p_account and w.stream = p_stream
$$;
comment on function trade.watermark(text, text) is 'How far a stream of an account is read; NULL before the first.';
