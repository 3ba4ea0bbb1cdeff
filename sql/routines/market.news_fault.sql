-- market.news_fault(row, symbol, latest): the first thing wrong with a received headline, as a code; NULL where it can be
-- stored.
-- Why: one place says what a headline is. A control character, a change of writing direction or the mark of undecodable text
-- shows a reader something other than what is scored. latest: an instant after it lies in the future.
-- Called by: market.judge_news. Raises: nothing.
create or replace function market.news_fault(p_row jsonb, p_symbol text, p_latest timestamptz)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_control constant text := E'[\u0001-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffd]';
    v_published constant timestamptz := market.instant_of(p_row ->> 'published_at');
    v_headline constant text := market.trimmed(p_row ->> 'headline');
    v_symbols constant jsonb := p_row -> 'symbols';
begin
    if p_row ->> 'published_at' is null then return 'NO_PUBLISHED_INSTANT'; end if;
    if v_published is null then return 'UNREADABLE_INSTANT'; end if;
    if v_published > p_latest then return 'PUBLISHED_IN_FUTURE'; end if;
    if v_published < timestamptz '1950-01-01Z' then return 'ABSURD_INSTANT'; end if;
    if coalesce(v_headline, '') = '' then return 'EMPTY_HEADLINE'; end if;
    if length(v_headline) > 1000 then return 'OVERSIZED_HEADLINE'; end if;
    if v_headline ~ c_control then return 'CONTROL_CHARACTER'; end if;
    if coalesce(market.trimmed(p_row ->> 'source'), '') = '' then return 'NO_SOURCE'; end if;
    if length(p_row ->> 'source') > 200 or market.trimmed(p_row ->> 'source') ~ c_control then return 'UNREADABLE_SOURCE'; end if;
    if length(p_row ->> 'story') not between 1 and 200 or p_row ->> 'story' ~ c_control then return 'UNREADABLE_STORY'; end if;
    if v_symbols is null or v_symbols = 'null' then return null; end if;
    if jsonb_typeof(v_symbols) <> 'array' or jsonb_path_exists(v_symbols, 'strict $[*] ? (@.type() != "string")') then
        return 'UNREADABLE_SYMBOLS';
    end if;
    if exists (select 1 from jsonb_array_elements_text(v_symbols) as s (word) where length(s.word) not between 1 and 40) then
        return 'UNREADABLE_SYMBOLS';
    end if;
    return case when not v_symbols ? p_symbol then 'SYMBOL_NOT_NAMED' end;
end;
$$;
comment on function market.news_fault(jsonb, text, timestamptz) is
'Code of the first fault of a received headline; NULL where it can be stored.';
