-- govern.conclude(cycle, run): the run's last verdicts: NOT_REACHED for what a refusal left out, the alert it owes, layers 10 and 11.
-- Why: afterwards every run that ends has exactly eleven verdict rows, and a refusing one has queued its alert (I26).
-- Called by: the cycle as fund_decider, after decide.record_decisions. Returns the rows it added. Raises: MQ244, MQ245.
create or replace function govern.conclude(p_cycle_id text, p_run integer)
returns setof govern.verdict
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run constant decide.cycle_runs := decide.hold_open_run(p_cycle_id, p_run);
    v_refusal record;
    v_verdict govern.verdict;
begin
    select g.layer, l.layer_name, g.reason_code, g.evidence into v_refusal
    from decide.gate_verdicts as g
        join govern.layers as l on l.layer = g.layer
    where g.cycle_id = p_cycle_id and g.run = p_run and g.verdict = 'REFUSE'
    order by g.layer
    limit 1;
    perform govern.require_layers(
        p_cycle_id, p_run, case when v_refusal.layer is null then array[1, 2, 3, 4, 5, 6, 7, 8, 9] else array[1, 2, 3, 4] end,
        array[10, 11]
    );
    if v_refusal.layer is not null then
        for v_verdict in
            select m.* from generate_series(5, 9) as n (layer)
                cross join lateral govern.make_verdict(n.layer, 'REFUSE', 'NOT_REACHED', jsonb_build_object('refused_by', v_refusal.layer)) as m
            where not exists (
                select 1 from decide.gate_verdicts as g where g.cycle_id = p_cycle_id and g.run = p_run and g.layer = n.layer
            )
            order by n.layer
        loop
            perform govern.record_verdict(p_cycle_id, p_run, v_verdict);
            return next v_verdict;
        end loop;
        perform notify.enqueue(
            'HIGH', case when v_refusal.layer in (2, 3, 4) then 'DATA_QUALITY' else 'RISK' end, 'HALT_' || v_refusal.layer,
            format('cycle halted by layer %s (%s): %s', v_refusal.layer, v_refusal.layer_name, v_refusal.reason_code),
            p_account => v_run.account,
            p_detail => jsonb_build_object('cycle_id', p_cycle_id, 'run', p_run, 'evidence', v_refusal.evidence)
        );
    end if;
    return query select v.* from govern.evaluate_layers(p_cycle_id, p_run, array[10, 11]) as v;
end;
$$;
comment on function govern.conclude(text, integer) is
'Stores NOT_REACHED for layers a refusal left out, queues its alert, judges layers 10 and 11; returns the rows added. Raises MQ244, MQ245.';
