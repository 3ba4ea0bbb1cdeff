-- decide.record_inputs(cycle, run, rows): stores what a run read, as its replay needs it (I24); returns how many.
-- rows: array of {input, content}: the answer itself where it cannot be read again (account, memory, limits, what became of the
-- orders), digests by symbol and by field or session where facts give it again as of the run's instants. The run's audit event
-- vouches for them (decide.run_digests, in decide.close_run, in the same transaction).
-- Called by: the cycle as fund_decider, in both of its transactions. Raises: MQ204, MQ244, MQ412.
create or replace function decide.record_inputs(p_cycle_id text, p_run integer, p_rows jsonb)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
    v_run constant decide.cycle_runs := decide.hold_open_run(p_cycle_id, p_run);
    v_fault text;
    v_count integer;
begin
    perform ops.refuse_unknown_keys(p_rows, array['input', 'content']);
    select coalesce(r.input, 'no name') into v_fault
    from jsonb_to_recordset(p_rows) as r (input text, content jsonb)
    where r.input is null or r.content is null or jsonb_typeof(r.content) not in ('object', 'array')
        or exists (
            select 1 from decide.run_inputs as i
            where i.cycle_id = p_cycle_id and i.run = p_run and i.input = r.input
        )
    limit 1;
    if found then
        raise exception using errcode = 'MQ412', message = 'an input of a run without name or content, or stored before',
            detail = format('cycle_id=%s run=%s input=%s', p_cycle_id, p_run, v_fault), hint = 'correct the caller';
    end if;
    insert into decide.run_inputs (cycle_id, run, account, input, content, sha256)
    select
        p_cycle_id, p_run, v_run.account, r.input, r.content,
        encode(sha256(convert_to(r.content::text, 'UTF8')), 'hex')
    from jsonb_to_recordset(p_rows) as r (input text, content jsonb);
    get diagnostics v_count = row_count;
    return v_count;
end;
$$;
comment on function decide.record_inputs(text, integer, jsonb) is
'Stores what a run read, by name, with a SHA-256 each; returns how many. Raises MQ204, MQ244, MQ412.';
