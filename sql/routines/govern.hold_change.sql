-- govern.hold_change(request, states): a request in one of these states, with no other change of the numbers under way.
-- Called by: govern.approve_change, govern.end_change. Raises: MQ424.
create or replace function govern.hold_change(p_request_id bigint, p_states text[])
returns govern.change_requests
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_state text;
    v_change govern.change_requests;
begin
    perform 1 from ops.locks as l where l.lock_name = 'orders' for update;
    select c.state into v_state from audit.change_requests as c where c.request_id = p_request_id;
    if (v_state = any (p_states)) is not true then
        raise exception using errcode = 'MQ424', message = format('no change request %s is there to decide', p_request_id),
            detail = format('request_id=%s state=%s', p_request_id, v_state), hint = 'python -m runner approve';
    end if;
    select r.* into v_change from govern.change_requests as r where r.request_id = p_request_id;
    return v_change;
end;
$$;
comment on function govern.hold_change(bigint, text[]) is
'A change request in one of the states, under the lock that changes of the numbers take. Raises MQ424.';
