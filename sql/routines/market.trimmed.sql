-- market.trimmed(text): a text without white space at its ends, that of Unicode included.
-- Why: a headline is hashed and compared as it reads; the no-break space some feeds pad with is no difference.
-- Called by: market.news_fault, market.judge_news. Raises: nothing.
create or replace function market.trimmed(p_text text)
returns text
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select btrim(
        p_text,
        E' \t\n\r\f\x0b\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a'
        '\u202f\u3000\ufeff'
    )
$$;
comment on function market.trimmed(text) is 'The text without white space at either end.';
