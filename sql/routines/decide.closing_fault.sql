-- decide.closing_fault(cycle, run, state): what keeps a run from ending in this state; NULL where nothing does.
-- DONE: eleven verdicts, none refusing, one decision per input, its risk state, all it read (I24). HALTED: eleven verdicts, one
-- refusing at least, one decision per input, what it read until then, no order. FAILED: no decision and no order. A shadow run
-- never has an order.
-- Called by: decide.close_run. Raises: nothing.
create or replace function decide.closing_fault(p_cycle_id text, p_run integer, p_state text)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with counts as (
        select
            (select count(*) from decide.gate_verdicts as g where g.cycle_id = p_cycle_id and g.run = p_run) as verdicts,
            (
                select count(*) from decide.gate_verdicts as g
                where g.cycle_id = p_cycle_id and g.run = p_run and g.verdict = 'REFUSE'
            ) as refusals,
            (select count(*) from decide.cycle_inputs as i where i.cycle_id = p_cycle_id and i.run = p_run) as inputs,
            (select count(*) from decide.decisions as d where d.cycle_id = p_cycle_id and d.run = p_run) as decisions,
            (select count(*) from decide.risk_states as s where s.cycle_id = p_cycle_id and s.run = p_run) as risk_states,
            (select count(*) from decide.run_inputs as i where i.cycle_id = p_cycle_id and i.run = p_run) as reads,
            (select count(*) from trade.orders as o where o.cycle_id = p_cycle_id and o.run = p_run) as orders,
            (select c.mode from decide.cycles as c where c.cycle_id = p_cycle_id) as mode,
            exists (select 1 from decide.cycle_runs as r where r.cycle_id = p_cycle_id and r.state = 'DONE') as already_done
    )

    select case
        when p_state is null or p_state not in ('DONE', 'HALTED', 'FAILED') then 'state must be DONE, HALTED or FAILED'
        when p_state = 'FAILED' and c.decisions > 0 then format('a FAILED run has no decisions, this has %s', c.decisions)
        when p_state <> 'DONE' and c.orders > 0 then format('a %s run has no orders, this has %s', p_state, c.orders)
        when p_state = 'FAILED' then null
        when c.verdicts <> 11 then format('%s of 11 verdicts', c.verdicts)
        when c.decisions <> c.inputs then format('%s decisions for %s active symbols', c.decisions, c.inputs)
        when p_state = 'HALTED' and c.refusals = 0 then 'no layer refused'
        when p_state = 'DONE' and c.refusals > 0 then format('%s layers refused', c.refusals)
        when p_state = 'DONE' and c.risk_states = 0 then 'no risk state'
        when p_state = 'DONE' and c.reads <> 7 then format('%s of 7 inputs stored for its replay', c.reads)
        when p_state = 'HALTED' and c.reads < 4 then format('%s of 4 inputs stored for its replay', c.reads)
        when p_state = 'DONE' and c.already_done then 'the cycle has a DONE run'
        when c.mode = 'shadow' and c.orders > 0 then format('a shadow run has no orders, this has %s', c.orders)
    end
    from counts as c
$$;
comment on function decide.closing_fault(text, integer, text) is
'What keeps a run from ending in this state, as one line; NULL for nothing.';
