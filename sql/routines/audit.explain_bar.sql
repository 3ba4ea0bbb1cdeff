-- audit.explain_bar(symbol, session, as_of, recorded_before): the bar a cycle stood on, back to the bytes it was received in, and
-- what the other sources said of that session then.
-- Called by: audit.explain_data. Raises: nothing; NULL where no bar was known.
create or replace function audit.explain_bar(
    p_symbol text, p_session date, p_as_of timestamptz, p_recorded_before timestamptz
)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'session', b.session, 'provider', b.provider, 'priority', p.priority, 'revision', b.revision, 'open', b.open,
        'high', b.high, 'low', b.low, 'close', b.close, 'volume', b.volume, 'price_kind', b.price_kind,
        'price_basis', b.price_basis, 'known_at', b.known_at, 'recorded_at', b.recorded_at, 'batch_id', b.batch_id,
        'payload', (
            select jsonb_build_object(
                'payload_id', a.payload_id, 'sha256', encode(a.payload_sha256, 'hex'), 'bytes', a.payload_bytes,
                'request', a.request, 'recorded_at', a.recorded_at
            )
            from market.ingest_batches as t
                join market.provider_responses as a on a.payload_id = t.payload_id
            where t.batch_id = b.batch_id
        ),
        'asking', (
            select jsonb_build_object(
                'fetch_id', f.fetch_id, 'purpose', f.purpose, 'first_session', f.first_session, 'last_session', f.last_session,
                'asked_at', f.asked_at, 'received_at', f.received_at,
                'answers', (
                    select jsonb_agg(jsonb_build_object('payload_id', r.payload_id, 'status', r.status, 'request', r.request)
                        order by r.part)
                    from market.fetch_responses as r
                    where r.fetch_id = f.fetch_id
                )
            )
            from market.ingest_batches as t
                join market.fetches as f on f.fetch_id = t.fetch_id
            where t.batch_id = b.batch_id
        ),
        'other_sources', coalesce((
            select jsonb_agg(jsonb_build_object(
                'provider', o.provider, 'revision', o.revision, 'close', o.close, 'price_basis', o.price_basis
            ) order by o.provider collate "C")
            from (
                select distinct on (x.provider) x.*
                from market.provider_bars as x
                where x.symbol = p_symbol and x.session = p_session and x.provider <> b.provider
                    and x.known_at <= p_as_of and x.recorded_at <= p_recorded_before
                order by x.provider, x.revision desc
            ) as o
        ), '[]'::jsonb)
    )
    from market.bar_as_of(p_symbol, p_session, p_as_of, p_recorded_before) as b
        join ref.providers as p on p.provider = b.provider
$$;
comment on function audit.explain_bar(text, date, timestamptz, timestamptz) is
'The elected bar of a session as known within bounds, its payload and hash, and the other sources'' bars of that session.';
