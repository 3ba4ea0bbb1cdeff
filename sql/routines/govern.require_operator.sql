-- govern.require_operator(): the person this session is: its login role, which must be an enrolled operator's own.
-- Called by: govern.propose_change, govern.approve_change, govern.end_change, market.declare_absences. Raises: MQ420.
create or replace function govern.require_operator()
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select 1 from govern.operators as o where o.role_name = session_user and o.enrolled) then
        raise exception using errcode = 'MQ420', message = format('%s is no person''s login', session_user),
            detail = 'session_user=' || session_user,
            hint = 'python -m runner operator add NAME; then FUND_OPERATOR=NAME in that person''s environment';
    end if;
    return session_user;
end;
$$;
comment on function govern.require_operator() is 'The enrolled login role of this session. Raises MQ420.';
