-- trade.advance_watermark(account, stream, from, to): what is up to `to` is recorded; `from` is the mark it was read from.
-- What: false, and nothing changed, where another worker has moved it since: then that worker's reading counts.
-- Why: a mark is moved after what it covers is committed, so a crash reads again and never skips; reading twice books once (I9).
-- Called by: the broker worker. Raises: MQ240.
create or replace function trade.advance_watermark(p_account text, p_stream text, p_from text, p_to text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform trade.require_account(p_account);
    if p_from is null then
        insert into trade.sync_watermarks (account, stream, value, advanced_at) values (p_account, p_stream, p_to, ops.now())
        on conflict (account, stream) do nothing;
    else
        update trade.sync_watermarks as w
        set value = p_to, advanced_at = ops.now()
        where w.account = p_account and w.stream = p_stream and w.value = p_from;
    end if;
    return found;
end;
$$;
comment on function trade.advance_watermark(text, text, text, text) is
'Moves a stream''s mark from one value to the next; false where it stood elsewhere. Raises MQ240.';
