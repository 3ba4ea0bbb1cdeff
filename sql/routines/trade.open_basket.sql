-- trade.open_basket(cycle, run): locks the run and checks that it may place orders.
-- Why: orders are placed by a run that is open, whose lease lasts, under the pinned configuration, and not in shadow (I12, I20).
-- These are misuse, not refusals: exceptions.
-- Called by: trade.place_orders, which holds the kill row and the orders row already. Raises: MQ230, MQ244, MQ301, MQ303.
create or replace function trade.open_basket(p_cycle_id text, p_run integer)
returns govern.baskets
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_run decide.cycle_runs;
    v_cycle decide.cycles;
begin
    v_run := decide.hold_open_run(p_cycle_id, p_run);
    select c.* into v_cycle from decide.cycles as c where c.cycle_id = p_cycle_id;
    if v_run.lease_until <= clock_timestamp() then
        raise exception using errcode = 'MQ301', message = 'the run''s lease is over: another may have closed it',
            detail = format('cycle_id=%s run=%s lease_until=%s', p_cycle_id, p_run, v_run.lease_until),
            hint = 'python -m runner cycle  (it opens the next run)';
    end if;
    if v_cycle.config_sha256 is distinct from govern.pinned_config() then
        raise exception using errcode = 'MQ230', message = 'the cycle''s configuration is not the pinned one',
            detail = format('cycle=%s pinned=%s', v_cycle.config_sha256, govern.pinned_config()),
            hint = 'python -m runner config verify';
    end if;
    if v_cycle.mode = 'shadow' then
        raise exception using errcode = 'MQ303', message = 'a shadow cycle places no orders',
            detail = format('cycle_id=%s', p_cycle_id), hint = 'its intents stand in decide.decisions.metadata';
    end if;
    return trade.basket(p_cycle_id, p_run);
end;
$$;
comment on function trade.open_basket(text, integer) is
'Locks a run for placing and gives what its orders are judged by. Raises MQ230, MQ244, MQ301, MQ303.';
