-- decide.hold_open_run(cycle, run): the row of an OPEN run, held for update until the transaction ends.
-- Why: every step of a run begins with it, so that an overdue run another session closed cannot be written to. The kill row is
-- held before it, in lock order: placing orders needs it later in the same transaction.
-- Called by: govern.open_gate, govern.check_results, govern.conclude, decide.record_*, decide.close_run. Raises: MQ244.
create or replace function decide.hold_open_run(p_cycle_id text, p_run integer)
returns decide.cycle_runs
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run decide.cycle_runs;
begin
    perform ops.kill_engaged(true);
    select r.* into v_run from decide.cycle_runs as r where r.cycle_id = p_cycle_id and r.run = p_run for update;
    if v_run.state is distinct from 'OPEN' then
        raise exception using errcode = 'MQ244', message = 'the run is not open',
            detail = format('cycle_id=%s run=%s state=%s', p_cycle_id, p_run, coalesce(v_run.state, 'none')),
            hint = 'python -m runner cycle opens a new run';
    end if;
    return v_run;
end;
$$;
comment on function decide.hold_open_run(text, integer) is 'The row of an OPEN run, held for update. Raises MQ244.';
