-- govern.halting_layer(cycle, run): the layer a refusing run is halted by: the one its decisions name, else the first that
-- refused.
-- Why: several may refuse, and where the stages halted the layers before theirs see only that rows are missing: the alert must
-- say what the run's end and every decision say.
-- Called by: govern.queue_halt_alert, govern.layer_11_alerting. Raises: nothing; NULL where no layer refused.
create or replace function govern.halting_layer(p_cycle_id text, p_run integer)
returns integer
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select g.layer
    from decide.gate_verdicts as g
    where g.cycle_id = p_cycle_id and g.run = p_run and g.verdict = 'REFUSE'
    order by
        exists (
            select 1 from decide.decisions as d
            where d.cycle_id = p_cycle_id and d.run = p_run and d.reason_codes ->> 0 = 'HALT_' || g.layer
        ) desc, g.layer
    limit 1
$$;
comment on function govern.halting_layer(text, integer) is
'The layer a refusing run is halted by, as its decisions name it, else the first that refused; NULL where none did.';
