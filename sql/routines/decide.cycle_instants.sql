-- decide.cycle_instants(account, mode, as-of session, delay): the as_of instant and the trade session of a cycle, or a refusal.
-- Why: one place derives them, from the account's calendar alone (ruling F17), so that no client can give its own.
-- Called by: decide.open_cycle. Raises: MQ240, MQ241, MQ242, MQ243.
create or replace function decide.cycle_instants(
    p_account text, p_mode text, p_as_of_session date, p_delay_minutes integer, out as_of timestamptz, out trade_session date
)
returns record
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_account trade.accounts;
    v_number integer;
begin
    select a.* into v_account from trade.accounts as a where a.account = p_account;
    if not found then
        raise exception using errcode = 'MQ240', message = format('there is no account %s', p_account),
            detail = format('account=%s', p_account),
            hint = 'the first cycle of an account of accounts.defaults opens it: python -m runner cycle --account NAME';
    end if;
    if (p_mode = 'shadow' or p_mode = v_account.kind) is not true then
        raise exception using errcode = 'MQ241',
            message = format('a cycle of mode %s does not fit a %s account', p_mode, v_account.kind),
            detail = format('account=%s', p_account), hint = format('--mode %s or --mode shadow', v_account.kind);
    end if;
    select s.closes_at + make_interval(mins => p_delay_minutes), s.session_number into as_of, v_number
    from ref.sessions as s
    where s.calendar = v_account.calendar and s.session = p_as_of_session;
    select s.session into trade_session
    from ref.sessions as s
    where s.calendar = v_account.calendar and s.session_number = v_number + 1;
    if as_of is null or trade_session is null or p_delay_minutes < 0 then
        raise exception using errcode = 'MQ242', message = 'the as-of session is no session of the calendar, or none follows it',
            detail = format('session=%s calendar=%s', to_char(p_as_of_session::timestamp, 'YYYY-MM-DD'), v_account.calendar),
            hint = 'python -m runner ingest loads the calendar';
    end if;
    if as_of > ops.now() then
        raise exception using errcode = 'MQ243', message = 'the as-of session is not complete yet',
            detail = format('as_of=%s now=%s', ops.utc_text(as_of), ops.utc_text(ops.now())),
            hint = 'run the cycle after that instant';
    end if;
end;
$$;
comment on function decide.cycle_instants(text, text, date, integer) is
'The as_of instant (close plus delay) and the trade session (the next one) of an account''s as-of session. Raises MQ240-MQ243.';
