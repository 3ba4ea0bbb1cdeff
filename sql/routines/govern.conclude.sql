-- govern.conclude(cycle, run): the run's last verdicts: NOT_REACHED for what a refusal left out, the alert it owes, layers 10 and
-- 11.
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
    v_refused_by integer;
    v_verdict govern.verdict;
begin
    perform decide.hold_open_run(p_cycle_id, p_run);
    select min(g.layer) into v_refused_by
    from decide.gate_verdicts as g
    where g.cycle_id = p_cycle_id and g.run = p_run and g.verdict = 'REFUSE';
    perform govern.require_layers(
        p_cycle_id, p_run, case when v_refused_by is null then array[1, 2, 3, 4, 5, 6, 7, 8, 9] else array[1, 2, 3, 4] end,
        array[10, 11]
    );
    if v_refused_by is not null then
        for v_verdict in
            select m.* from generate_series(5, 9) as n (layer)
                cross join lateral govern.make_verdict(
                    n.layer, 'REFUSE', 'NOT_REACHED', jsonb_build_object('refused_by', v_refused_by)
                ) as m
            where not exists (
                select 1 from decide.gate_verdicts as g where g.cycle_id = p_cycle_id and g.run = p_run and g.layer = n.layer
            )
            order by n.layer
        loop
            perform govern.record_verdict(p_cycle_id, p_run, v_verdict);
            return next v_verdict;
        end loop;
    end if;
    return query select v.* from govern.evaluate_layers(p_cycle_id, p_run, array[10]) as v;
    perform govern.queue_halt_alert(p_cycle_id, p_run);
    return query select v.* from govern.evaluate_layers(p_cycle_id, p_run, array[11]) as v;
end;
$$;
comment on function govern.conclude(text, integer) is
'Stores NOT_REACHED for layers a refusal left out, queues its alert, judges layers 10 and 11; returns the rows added. Raises '
'MQ244, MQ245.';
