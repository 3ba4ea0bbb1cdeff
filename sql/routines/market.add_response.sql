-- market.add_response(fetch, payload, status, content type, request): one more answer to an asking, whose bytes are archived.
-- Why: an asking may take several requests, and a refused answer is evidence as well (I24): each is a row, in the order received.
-- Called by: runner/ingest.py and runner/router.py as fund_ingestor. Raises: MQ521 where the asking is not open, or the payload
-- is not its source's or has lost its bytes.
create or replace function market.add_response(
    p_fetch bigint, p_payload_id bigint, p_status text, p_content_type text, p_request jsonb
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into market.fetch_responses (fetch_id, part, payload_id, status, content_type, request)
    select
        f.fetch_id,
        (select coalesce(max(x.part), 0) + 1 from market.fetch_responses as x where x.fetch_id = f.fetch_id),
        r.payload_id, p_status, p_content_type, p_request
    from market.fetches as f
        join market.provider_responses as r on r.provider = f.provider
    where f.fetch_id = p_fetch and f.outcome is null and r.payload_id = p_payload_id and r.pruned_at is null;
    if not found then
        raise exception using errcode = 'MQ521', message = 'an answer belongs to an open asking of its source',
            detail = format('fetch=%s payload=%s', p_fetch, p_payload_id), hint = 'python -m runner ingest asks anew';
    end if;
end;
$$;
comment on function market.add_response(bigint, bigint, text, text, jsonb) is
'Adds an archived answer to an open asking. Raises MQ521.';
