-- govern.end_change(request, event, reason): an open request is refused or withdrawn: it can take no effect any more.
-- What: a proposed one, an approved configuration until it is pinned, an approved lift until its instant.
-- Why: stopping a loosening takes one person, any: also the author's own second thoughts after an approval.
-- Called by: `approve --refuse`, `--withdraw` as an operator's own login. Raises: MQ420, MQ422, MQ424.
create or replace function govern.end_change(p_request_id bigint, p_event text, p_reason text)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_actor constant text := govern.require_operator();
    v_change constant govern.change_requests := govern.hold_change(p_request_id, array['PROPOSED', 'APPROVED']);
begin
    if (p_event in ('refused', 'withdrawn') and p_reason <> '') is not true then
        raise exception using errcode = 'MQ422', message = 'a change is refused or withdrawn, with a reason',
            detail = format('request_id=%s event=%s', p_request_id, p_event), hint = 'python -m runner approve --help';
    end if;
    insert into govern.change_events (request_id, event, reason, occurred_at)
    values (p_request_id, p_event, p_reason, ops.now());
    perform notify.enqueue(
        'MEDIUM', 'RISK', 'CHANGE_' || upper(p_event),
        format('change %s of %s %s by %s: %s', p_request_id, v_change.author, p_event, v_actor, p_reason),
        p_detail => jsonb_build_object('request_id', p_request_id, 'loosened', v_change.loosened), p_window_seconds => 0
    );
    perform audit.append(jsonb_build_array(jsonb_build_object('event', 'change.' || p_event, 'body', jsonb_build_object(
        'request_id', p_request_id, 'content_sha256', v_change.content_sha256, 'author', v_change.author, 'by', v_actor,
        'reason', p_reason
    ))));
end;
$$;
comment on function govern.end_change(bigint, text, text) is
'Refuses or withdraws an open change request. Raises MQ420, MQ422, MQ424.';
