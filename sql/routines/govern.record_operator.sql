-- govern.record_operator(role, event, reason): a person is enrolled as an operator of this fund, or retired.
-- What: the role is a login role of its own, fund_operator_<name>, that can do what fund_operator can and nothing else.
-- Why: two people can be told apart only by something a session cannot choose: the login it came with (session_user), which
-- neither `set role` nor a setting changes. The shared role fund_operator is nobody in particular and so can be neither of two.
-- Called by: `operator add` and `operator retire`, as the deployer, who makes roles anyway. Returns whether it changed something.
-- Raises: MQ421.
create or replace function govern.record_operator(p_role_name text, p_event text, p_reason text)
returns boolean
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_last constant text := (
        select e.event from govern.operator_events as e where e.role_name = p_role_name order by e.event_id desc limit 1
    );
begin
    if (p_role_name ~ '^fund_operator_[a-z][a-z0-9]{0,30}$' and p_event in ('enrolled', 'retired') and p_reason <> '') is not true
        or not exists (select 1 from pg_roles as r where r.rolname = p_role_name)
        or p_event = 'enrolled' and not pg_has_role(p_role_name, 'fund_operator', 'usage')
        or p_event = 'retired' and v_last is null then
        raise exception using errcode = 'MQ421', message = 'an operator is a login role fund_operator_<name>, with a reason',
            detail = format('role=%s event=%s', p_role_name, p_event), hint = 'python -m runner operator add NAME';
    end if;
    if v_last is not distinct from p_event then
        return false;
    end if;
    insert into govern.operator_events (role_name, event, reason, occurred_at)
    values (p_role_name, p_event, p_reason, ops.now());
    perform notify.enqueue(
        'HIGH', 'SYSTEM', 'OPERATOR_' || upper(p_event), format('%s %s by %s: %s', p_role_name, p_event, session_user, p_reason),
        p_window_seconds => 0
    );
    perform audit.append(jsonb_build_array(jsonb_build_object(
        'event', 'operator.' || p_event, 'body', jsonb_build_object('role', p_role_name, 'reason', p_reason)
    )));
    return true;
end;
$$;
comment on function govern.record_operator(text, text, text) is
'Enrols or retires the login role of a person; true where that changed something. Not granted to anyone. Raises MQ421.';
