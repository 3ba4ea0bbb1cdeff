-- govern.queue_halt_alert(cycle, run): queues the alert a refusing run owes, named by the layer that halted it (I26).
-- Why: one alert per run, HALT_<layer>, with the reason its decisions give; a client that queued it itself is counted, not
-- repeated.
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
        format('cycle halted by layer %s (%s): %s', g.layer, l.layer_name, coalesce(d.reason, g.reason_code)),
        p_account => g.account,
        p_detail => jsonb_build_object('cycle_id', p_cycle_id, 'run', p_run, 'evidence', g.evidence)
    )
    from decide.gate_verdicts as g
        join govern.layers as l on l.layer = g.layer
        left join lateral (
            select x.reason_codes ->> 1 as reason
            from decide.decisions as x
            where x.cycle_id = p_cycle_id and x.run = p_run and x.reason_codes ->> 0 = 'HALT_' || g.layer
            order by x.symbol collate "C"
            limit 1
        ) as d on true
    where g.cycle_id = p_cycle_id and g.run = p_run and g.layer = govern.halting_layer(p_cycle_id, p_run)
$$;
comment on function govern.queue_halt_alert(text, integer) is
'Queues the alert of the layer that halted a run; its id, NULL where none refused.';
