-- govern.recheck_layers(cycle, run, phase): asks the layers again for orders of a run, and says what they close.
-- What: order class -> {"layer", "reason_code", "clears"} of the first layer that refuses and stops it (govern.layers); {} closes
-- nothing. place: layers 1 to 9, for decisions are recorded after the orders; release: all eleven.
-- Why: a verdict is about a moment (I12): since the gate a limit may have been tightened, a break opened, the chain broken. A
-- row is stored where the verdicts differ from the last asking, and an alert queued where that is a refusal (I26): at release,
-- where an order that waits, or is in doubt, is of a class it closes; no protective stop is.
-- Called by: trade.place_orders, trade.recheck_pending, trade.record_not_found, which hold the kill row. Raises: nothing.
create or replace function govern.recheck_layers(p_cycle_id text, p_run integer, p_phase text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
declare
    v_account constant text := (select c.account from decide.cycles as c where c.cycle_id = p_cycle_id);
    v_verdicts constant govern.verdict[] := array(
        select v::govern.verdict
        from govern.judge_layers(p_cycle_id, p_run, array(
            select l.layer from govern.layers as l where p_phase = 'release' or l.layer < 10 order by l.layer
        )) as v
    );
    v_refused constant integer[] := array(
        select v.layer from unnest(v_verdicts) as v where (v.verdict = 'PASS') is not true order by v.layer
    );
    v_last jsonb;
begin
    select l.verdicts into v_last
    from decide.layer_checks as l
    where l.cycle_id = p_cycle_id and l.run = p_run and l.phase = p_phase
    order by l.check_id desc
    limit 1;
    if (
        select array_agg(concat_ws(' ', v.layer, v.verdict, v.reason_code) order by v.layer) from unnest(v_verdicts) as v
    ) is distinct from (
        select array_agg(concat_ws(' ', e ->> 'layer', e ->> 'verdict', e ->> 'reason_code') order by (e ->> 'layer')::integer)
        from jsonb_array_elements(v_last) as e
    ) then
        insert into decide.layer_checks (cycle_id, run, account, phase, refused, verdicts, decided_at)
        values (p_cycle_id, p_run, v_account, p_phase, v_refused, to_jsonb(v_verdicts), ops.now());
        if v_refused <> '{}' and (p_phase <> 'release' or exists (
            select 1
            from trade.orders as o
                join govern.order_classes as k on k.leg = o.leg
                join govern.layers as l on l.layer = any (v_refused) and k.order_class = any (l.stops)
            where o.cycle_id = p_cycle_id and o.run = p_run and (o.state = 'PENDING' or o.in_doubt)
        )) then
            perform notify.enqueue(
                'HIGH', 'RISK', 'LAYER_' || v_refused[1],
                format('layer %s refuses the %s of orders of cycle %s', v_refused[1], p_phase, p_cycle_id),
                p_account => v_account, p_detail => jsonb_build_object('cycle_id', p_cycle_id, 'run', p_run, 'refused', v_refused)
            );
        end if;
    end if;
    return coalesce((
        select jsonb_object_agg(f.order_class, to_jsonb(f) - 'order_class')
        from (
            select distinct on (s.order_class) s.order_class, v.layer, v.reason_code, l.clears
            from unnest(v_verdicts) as v
                join govern.layers as l on l.layer = v.layer
                cross join unnest(l.stops) as s (order_class)
            where v.layer = any (v_refused)
            order by s.order_class, v.layer
        ) as f
    ), '{}');
end;
$$;
comment on function govern.recheck_layers(text, integer, text) is
'Asks the layers again at placing or release: order class to the first layer that closes it, with its reason; {} closes nothing.';
