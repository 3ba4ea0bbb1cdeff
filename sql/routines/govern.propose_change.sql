-- govern.propose_change(kind, content, loosened, reason, effective from, valid hours, body): one of two people asks for a
-- loosening.
-- What: the exact content with its hash, over the numbers in force now, effective from an instant that is not past, open for
-- approval and use for so many hours after it; a configuration with its file. Returns its number.
-- Why: looser means two people (I20): this row is what the second one reads, and all that can take effect.
-- Called by: govern.propose_config, govern.propose_lift. Raises: MQ420, MQ422.
create or replace function govern.propose_change(
    p_kind text, p_content jsonb, p_loosened text[], p_reason text, p_effective_from timestamptz, p_valid_hours integer,
    p_body bytea default null
)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_now constant timestamptz := ops.now();
    v_from constant timestamptz := coalesce(p_effective_from, c_now);
    v_author constant text := govern.require_operator();
    v_sha256 constant text := encode(sha256(convert_to(p_kind || ' ' || p_content::text, 'UTF8')), 'hex');
    v_request_id bigint;
begin
    if (p_reason <> '' and isfinite(v_from) and v_from >= c_now and p_valid_hours between 1 and 720) is not true
        or p_content is null then
        raise exception using errcode = 'MQ422',
            message = case
                when p_content is null then 'there is no tightened row of that limit and version to take back'
                else 'a change is proposed with a reason, from an instant that is not past, for 1 to 720 hours'
            end,
            detail = format('kind=%s effective_from=%s valid_hours=%s', p_kind, v_from, p_valid_hours),
            hint = 'python -m runner limits list; python -m runner config lock --reason "…"';
    end if;
    insert into govern.change_requests (
        kind, content, content_sha256, base_sha256, loosened, reason, author, effective_from, expires_at, proposed_at, body
    )
    values (
        p_kind, p_content, v_sha256, govern.limits_sha256(), p_loosened, p_reason, v_author, v_from,
        v_from + make_interval(hours => p_valid_hours), c_now, p_body
    )
    returning request_id into v_request_id;
    perform notify.enqueue(
        'HIGH', 'RISK', 'CHANGE_PROPOSED',
        format('change %s by %s waits for a second person: %s', v_request_id, v_author, p_reason),
        p_detail => jsonb_build_object('request_id', v_request_id, 'loosened', p_loosened), p_window_seconds => 0
    );
    perform audit.append(jsonb_build_array(jsonb_build_object('event', 'change.proposed', 'body', jsonb_build_object(
        'request_id', v_request_id, 'kind', p_kind, 'content_sha256', v_sha256, 'loosened', p_loosened, 'reason', p_reason,
        'effective_from', ops.utc_text(v_from)
    ))));
    return v_request_id;
end;
$$;
comment on function govern.propose_change(text, jsonb, text[], text, timestamptz, integer, bytea) is
'Records a proposed loosening for a second person; its number. Not granted to anyone. Raises MQ420, MQ422.';
