-- market.archive_payload(…): stores one answer of a provider, byte for byte (gzip-compressed by the caller).
-- Why: every stored bar leads back to the bytes it came from (I24). The same bytes of the same provider are stored once: the
-- answer is recognised by its hash, and its rows are still judged again, because they may differ from what is stored by now.
-- Bytes that retention removed are stored anew.
-- Called by: runner/ingest.py as fund_ingestor. Raises: MQ107 for an unknown provider or an unusable hash.
create or replace function market.archive_payload(
    p_provider text, p_request jsonb, p_status text, p_content_type text,
    p_payload bytea, p_payload_sha256 bytea, p_payload_bytes bigint
)
returns table (payload_id bigint, is_new boolean)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if length(p_payload_sha256) is distinct from 32
        or not exists (select 1 from ref.providers as p where p.provider = p_provider)
    then
        raise exception using errcode = 'MQ107', message = 'a payload needs a registered provider and a SHA-256 of 32 bytes',
            detail = 'provider=' || coalesce(p_provider, ''), hint = 'python -m runner ingest registers the providers first';
    end if;
    perform 1 from ops.locks as l where l.lock_name = 'market' for update;
    select r.payload_id, false into payload_id, is_new
    from market.provider_responses as r
    where r.provider = p_provider and r.payload_sha256 = p_payload_sha256 and r.pruned_at is null
    order by r.payload_id limit 1;
    if payload_id is null then
        insert into market.provider_responses as r (
            provider, request, status, content_type, payload, payload_sha256, payload_bytes, recorded_at
        )
        values (
            p_provider, p_request, p_status, p_content_type, p_payload, p_payload_sha256, p_payload_bytes, clock_timestamp()
        )
        returning r.payload_id, true into payload_id, is_new;
    end if;
    return next;
end;
$$;
comment on function market.archive_payload(text, jsonb, text, text, bytea, bytea, bigint) is
'Stores a provider''s answer once by its hash; returns its number and whether it was new. Raises MQ107.';
