-- Proves: status shows what each strategy of an account did last, with its verdicts.
begin;
select plan(6);
create function pg_temp.shown() returns text language sql as $$
    select string_agg(concat_ws(' ', c ->> 'mode', c ->> 'strategy', c ->> 'as_of_session', c ->> 'state'), ', ')
    from jsonb_array_elements(ops.last_cycles()) as c
$$;
create function pg_temp.failed(p_mode text, p_strategy text, p_session date) returns text language plpgsql as $$
declare
    v_run record;
begin
    select o.* into v_run
    from decide.open_cycle('paper', p_mode, p_strategy, p_session, 'close', fixtures.config_sha256(), 30, 900, 'host', 1, 'v1', '{}') as o;
    if v_run.outcome = 'OPENED' then
        perform decide.close_run(v_run.cycle_id, v_run.run, 'FAILED', null, 'TEST', 1, '{}');
    end if;
    return v_run.outcome;
end;
$$;
select is(ops.last_cycles(), '[]'::jsonb, 'none yet');
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
select is(jsonb_path_query_array(ops.last_cycles(), '$[0].verdicts[*].layer'), '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]'::jsonb, 'eleven verdicts');
select pg_temp.failed('paper', 'trend_following', '2013-02-27');
select pg_temp.failed('shadow', 'institutional', '2013-02-27');
select is(pg_temp.shown(), 'paper institutional 2013-02-27 DONE, paper trend_following 2013-02-27 FAILED, shadow institutional 2013-02-27 FAILED',
    'no strategy hides another, no shadow what is traded');
select ops.advance_clock('2013-02-28 21:30+00');
select pg_temp.failed('paper', 'trend_following', '2013-02-28');
select is(pg_temp.shown(), 'paper trend_following 2013-02-28 FAILED', 'what did not run for the newest session is not its newest state');
select is(pg_temp.failed('paper', 'institutional', '2013-02-27') || ': ' || pg_temp.shown(), 'ALREADY_DONE: paper trend_following 2013-02-28 FAILED', 'nor after asking for it again');
select * from finish();
rollback;
