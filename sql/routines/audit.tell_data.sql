-- audit.tell_data(explanation): the text from payload to governance state and features.
-- Called by: audit.explain. Raises: nothing.
create or replace function audit.tell_data(p_found jsonb)
returns text
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(
        E'\n',
        '',
        'DATA',
        format('  %s, %s, sector %s', d -> 'instrument' ->> 'name', d -> 'instrument' ->> 'asset_class',
            coalesce(d -> 'instrument' -> 'universe' ->> 'sector', 'none: not in the universe')),
        case when jsonb_typeof(b) = 'object' then format(
            '  last bar %s from %s (priority %s), revision %s: close %s, %s, known at %s', b ->> 'session', b ->> 'provider',
            b ->> 'priority', b ->> 'revision', audit.show_value(b -> 'close'), b ->> 'price_basis', b ->> 'known_at'
        ) else '  no bar was known' end,
        case when jsonb_typeof(b -> 'payload') = 'object' then format(
            '  received in payload %s, sha256 %s, %s bytes', b -> 'payload' ->> 'payload_id', b -> 'payload' ->> 'sha256',
            b -> 'payload' ->> 'bytes'
        ) when jsonb_typeof(b) = 'object' then '  its payload was not kept' end,
        (
            select string_agg(
                format('  %s said %s (%s)', o ->> 'provider', audit.show_value(o -> 'close'), o ->> 'price_basis'), E'\n'
                order by o ->> 'provider'
            )
            from jsonb_array_elements(case jsonb_typeof(b) when 'object' then b -> 'other_sources' end) as o
        ),
        format('  %s bars known, %s of them revisions; set aside: %s; revised since: %s', d ->> 'bars_known',
            d ->> 'revisions_known', audit.show_value(d -> 'quarantined'), jsonb_array_length(d -> 'revised_since')),
        '',
        'QUALITY AND GOVERNANCE',
        case when jsonb_typeof(i) = 'object' then format(
            E'  %s (dbt said %s): %s\n  score %s of %s\n'
            '  provider confidence %s, %s valid sessions to %s, last close %s\n  features: %s',
            i ->> 'governance_state', coalesce(i ->> 'classified_state', 'nothing readable'),
            audit.show_value(i -> 'governance_reasons'), audit.show_value(i -> 'data_quality_score'),
            audit.show_value(i -> 'quality'), audit.show_value(i -> 'provider_confidence'), i ->> 'valid_sessions',
            coalesce(i ->> 'last_session', '-'), audit.show_value(i -> 'last_close'), audit.show_value(i -> 'features')
        ) else '  not an active symbol of this cycle: nothing was copied' end
    )
    from (select p_found -> 'data' as d, p_found -> 'data' -> 'bar' as b, p_found -> 'inputs' as i) as s
$$;
comment on function audit.tell_data(jsonb) is
'Text of an explanation: last bar and payload, second opinions, quality, governance state, features.';
