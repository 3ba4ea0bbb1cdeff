-- govern.approve_change(request, reason): the second person agrees; another one than the author, by their logins.
-- What: a lift takes effect at its instant; a configuration may from then on be pinned, once, by `config lock`.
-- Why: approval is of content over numbers: where a limit in force has changed since, the same change means something else.
-- Called by: `approve` as an operator's own login. Returns the instant it takes effect. Raises: MQ420, MQ422, MQ424-MQ426.
create or replace function govern.approve_change(p_request_id bigint, p_reason text)
returns timestamptz
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    c_now constant timestamptz := ops.now();
    v_approver constant text := govern.require_operator();
    v_change constant govern.change_requests := govern.hold_change(p_request_id, array['PROPOSED']);
    v_from constant timestamptz := greatest(v_change.effective_from, c_now);
    v_event text;
begin
    if coalesce(p_reason, '') = '' then
        raise exception using errcode = 'MQ422', message = 'a change is approved with a reason',
            detail = format('request_id=%s', p_request_id), hint = 'python -m runner approve --help';
    elsif v_change.author = v_approver then
        raise exception using errcode = 'MQ425', message = 'a change is approved by another person than its author',
            detail = format('request_id=%s author=%s', p_request_id, v_change.author), hint = 'ask a second operator';
    elsif v_change.base_sha256 <> govern.limits_sha256() then
        raise exception using errcode = 'MQ426', message = 'the numbers in force are not those the change was proposed over',
            detail = format('request_id=%s', p_request_id), hint = 'withdraw it and propose it again';
    elsif exists (
        select 1 from govern.approved_lifts as f
        where f.limit_name = v_change.content ->> 'limit_name' and f.version = (v_change.content ->> 'version')::integer
    ) then
        raise exception using errcode = 'MQ424', message = 'another change has taken this row of the limit back already',
            detail = format('request_id=%s', p_request_id),
            hint = format('python -m runner approve %s --withdraw --reason "…"', p_request_id);
    end if;
    foreach v_event in array case v_change.kind when 'lift' then array['approved', 'applied'] else array['approved'] end loop
        insert into govern.change_events (request_id, event, reason, occurred_at) values (p_request_id, v_event, p_reason, c_now);
    end loop;
    if v_change.kind = 'lift' then
        insert into govern.limit_lifts (limit_name, version, request_id, effective_from)
        values (v_change.content ->> 'limit_name', (v_change.content ->> 'version')::integer, p_request_id, v_from);
    end if;
    perform notify.enqueue(
        'HIGH', 'RISK', 'CHANGE_APPROVED',
        format('change %s of %s approved by %s: %s', p_request_id, v_change.author, v_approver, p_reason),
        p_detail => jsonb_build_object('request_id', p_request_id, 'loosened', v_change.loosened), p_window_seconds => 0
    );
    perform audit.append(jsonb_build_array(jsonb_build_object('event', 'change.approved', 'body', jsonb_build_object(
        'request_id', p_request_id, 'content_sha256', v_change.content_sha256, 'author', v_change.author, 'reason', p_reason,
        'effective_from', ops.utc_text(v_from)
    ))));
    return v_from;
end;
$$;
comment on function govern.approve_change(bigint, text) is
'Approves another person''s proposed change; the instant it takes effect. Raises MQ420, MQ422, MQ424-MQ426.';
