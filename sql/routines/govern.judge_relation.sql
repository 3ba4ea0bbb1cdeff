-- govern.judge_relation(relation, fault, rows, session): why what dbt computed cannot be used as a whole; NULL where it can.
-- Why: an empty, doubled, dated or non-finite relation refuses; it once turned REFUSED into RELEASED (measured, I17). A number
-- must be a JSON number: NaN and Infinity arrive as text, a missing one as null. So must a list be a list: without its column of
-- vetoes a relation would veto nothing.
-- Called by: govern.read_relations. Raises: nothing.
create or replace function govern.judge_relation(p_relation text, p_fault text, p_rows jsonb, p_session date)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
    select case
        when p_fault is not null then p_fault
        when p_rows is null or jsonb_array_length(p_rows) = 0 then 'EMPTY'
        when bool_or(r.line ->> 'symbol' is null) then 'SYMBOL_NULL'
        when count(distinct r.line ->> 'symbol') <> count(*) then 'DUPLICATE'
        when bool_or(
            coalesce(r.line ->> 'as_of_session', r.line ->> 'session')
            is distinct from to_char(p_session::timestamp, 'YYYY-MM-DD')
        ) then 'WRONG_SESSION'
        when p_relation like 'quality.%' and not bool_and(
            jsonb_typeof(l.list) is not distinct from 'array'
            and not jsonb_path_exists(l.list, 'strict $[*] ? (@.type() != "string")')
        ) then 'WRONG_COLUMNS'
        when p_relation = 'quality.symbol_governance'
            and not bool_and((r.line ->> 'state' in ('ACTIVE', 'DEGRADED', 'QUARANTINED')) is true) then 'STATE_UNKNOWN'
        when p_relation = 'quality.symbol_governance'
            and not bool_and(coalesce(jsonb_typeof(r.line -> 'valid_sessions') = 'number', false)) then 'NOT_FINITE'
        when p_relation = 'quality.data_quality' and not bool_and(coalesce(
            jsonb_typeof(r.line -> 'score') = 'number' and jsonb_typeof(r.line -> 'provider_confidence') = 'number', false
        )) then 'NOT_FINITE'
        -- Every aggregate is computed, whatever was found before: a text must not be read as a number here.
        when p_relation = 'quality.data_quality' and not bool_and(case
            when jsonb_typeof(r.line -> 'score') = 'number' and jsonb_typeof(r.line -> 'provider_confidence') = 'number'
                then (r.line ->> 'score')::numeric between 0 and 1
                and (r.line ->> 'provider_confidence')::numeric between 0 and 1
        end) then 'OUT_OF_RANGE'
    end
    from jsonb_array_elements(coalesce(p_rows, '[]'::jsonb)) as r (line)
        cross join lateral (
            select r.line -> case p_relation when 'quality.symbol_governance' then 'reasons' else 'vetoes' end as list
        ) as l
$$;
comment on function govern.judge_relation(text, text, jsonb, date) is
'NULL where rows of a dbt relation may be used; else a fault, EMPTY, SYMBOL_NULL, DUPLICATE, WRONG_SESSION, '
'WRONG_COLUMNS, STATE_UNKNOWN, NOT_FINITE or OUT_OF_RANGE.';
