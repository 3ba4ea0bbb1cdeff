-- govern.queue_halt_alert(cycle, run): queues the alert a refusing run owes, named by the first layer that refused (I26).
-- Why: one alert per run, HALT_<layer>; a client that queued it itself is counted, not repeated.
-- Called by: govern.conclude. Returns the alert's id, NULL where nothing refused. Raises: nothing.
create or replace function govern.queue_halt_alert(p_cycle_id text, p_run integer)
returns bigint
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select notify.enqueue(
        'HIGH', case when g.layer in (2, 3, 4) then 'DATA_QUALITY' else 'RISK' end, 'HALT_' || g.layer,
        format('cycle halted by layer %s (%s): %s', g.layer, l.layer_name, g.reason_code),
        p_account => g.account,
        p_detail => jsonb_build_object('cycle_id', p_cycle_id, 'run', p_run, 'evidence', g.evidence)
    )
    from decide.gate_verdicts as g
        join govern.layers as l on l.layer = g.layer
    where g.cycle_id = p_cycle_id and g.run = p_run and g.verdict = 'REFUSE'
    order by g.layer
    limit 1
$$;
comment on function govern.queue_halt_alert(text, integer) is
'Queues the alert of the first layer that refused a run; its id, NULL where none refused.';
