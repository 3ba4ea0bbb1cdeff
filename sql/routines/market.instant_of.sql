-- market.instant_of(text): the instant an ISO 8601 text with an offset names, else NULL.
-- Why: what a source sends is judged, never cast: 'now', 'infinity', a time without a zone and a 30th of February are no
-- instants. Tried, not asked: pg_input_is_valid came with PostgreSQL 16.
-- Called by: market.fundamental_fault, market.news_fault and the judges beside them. Raises: nothing.
create or replace function market.instant_of(p_text text)
returns timestamptz
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    return case
        when p_text ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$'
            then p_text::timestamptz
    end;
exception
    when data_exception then
        return null;
end;
$$;
comment on function market.instant_of(text) is 'The instant of an ISO 8601 text with an offset; NULL for anything else.';
