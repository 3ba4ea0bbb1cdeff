-- decide.refuse_foreign_symbols(cycle, run, rows): every symbol a batch names is an input of the run.
-- Called by: decide.record_model_outputs, decide.record_risk, decide.record_decisions. Raises: MQ246.
create or replace function decide.refuse_foreign_symbols(p_cycle_id text, p_run integer, p_rows jsonb)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_symbol text;
begin
    select r.symbol into v_symbol
    from jsonb_to_recordset(p_rows) as r (symbol text)
    where r.symbol is not null and not exists (
        select 1 from decide.cycle_inputs as i where i.cycle_id = p_cycle_id and i.run = p_run and i.symbol = r.symbol
    )
    order by r.symbol
    limit 1;
    if found then
        raise exception using errcode = 'MQ246', message = 'a row is for a symbol that is no input of the run',
            detail = format('cycle_id=%s run=%s symbol=%s', p_cycle_id, p_run, v_symbol),
            hint = 'record only symbols of decide.cycle_inputs';
    end if;
end;
$$;
comment on function decide.refuse_foreign_symbols(text, integer, jsonb) is
'Raises MQ246 for a symbol that is no input of the run.';
