-- audit.explain_json(cycle, symbol): why a symbol was or was not traded in a cycle, from the raw payload to the fill, as one
-- document (I24).
-- What: of the run whose decisions count (audit.concluded_runs), else of the newest. `answer` is the sentence. A symbol that was
-- not active, a halted, failed or still open run are answered too: what there is, is there; what there is not, is null.
-- Called by: analysts, audit.explain, `python -m runner audit explain`. Raises: MQ450, MQ451, MQ452 an instrument nobody knows.
create or replace function audit.explain_json(p_cycle text, p_symbol text)
returns jsonb
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
    v_cycle_id constant text := audit.find_cycle(p_cycle);
    v_run integer;
    v_found jsonb;
begin
    if not exists (select 1 from ref.instruments as i where i.symbol = p_symbol) then
        raise exception using errcode = 'MQ452',
            message = 'no instrument is called ' || coalesce(quote_literal(p_symbol), 'NULL'),
            detail = 'symbol=' || coalesce(p_symbol, ''), hint = 'select symbol, name from ref.instruments order by symbol';
    end if;
    select coalesce(f.run, c.run) into v_run
    from audit.cycles as c
        left join audit.concluded_runs as f on f.cycle_id = c.cycle_id
    where c.cycle_id = v_cycle_id;
    v_found := jsonb_build_object(
        'symbol', p_symbol,
        'cycle', audit.explain_cycle(v_cycle_id, v_run),
        'data', audit.explain_data(v_cycle_id, v_run, p_symbol),
        'inputs', audit.explain_inputs(v_cycle_id, v_run, p_symbol),
        'agents', audit.explain_agents(v_cycle_id, v_run, p_symbol),
        'arithmetic', audit.explain_arithmetic(v_cycle_id, v_run, p_symbol),
        'decision', audit.explain_decision(v_cycle_id, v_run, p_symbol),
        'risk', audit.explain_risk(v_cycle_id, v_run, p_symbol),
        'orders', audit.explain_orders(v_cycle_id, p_symbol),
        'position', audit.explain_position(v_cycle_id, v_run, p_symbol),
        'audit', audit.explain_log(v_cycle_id, p_symbol)
    );
    return v_found || jsonb_build_object('answer', audit.explain_answer(v_found));
end;
$$;
comment on function audit.explain_json(text, text) is
'Why a symbol was or was not traded in a cycle, from raw payload to fill, as jsonb. The cycle: its id, the beginning of one, an '
'as-of session, or "last". Raises MQ450, MQ451, MQ452.';
