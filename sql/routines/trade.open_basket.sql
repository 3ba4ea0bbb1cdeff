-- trade.open_basket(cycle, run): locks the run and checks that it may place orders.
-- Why: orders are placed by a run that is open, whose lease lasts, under the pinned configuration, and not in shadow (I12, I20).
-- These are misuse, not refusals: exceptions.
-- Called by: trade.place_orders, which holds the kill row and the orders row already. Raises: MQ300, MQ301, MQ302, MQ303.
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
    -- Not "for share": decide.close_run updates this row in the same transaction.
    select r.* into v_run from decide.cycle_runs as r where r.cycle_id = p_cycle_id and r.run = p_run for no key update;
    select c.* into v_cycle from decide.cycles as c where c.cycle_id = p_cycle_id;
    if v_run.state is distinct from 'OPEN' then
        raise exception using errcode = 'MQ300', message = 'orders are placed by an open run only',
            detail = format('cycle_id=%s run=%s state=%s', p_cycle_id, p_run, coalesce(v_run.state, 'none')),
            hint = 'python -m runner cycle';
    end if;
    if v_run.lease_until <= clock_timestamp() then
        raise exception using errcode = 'MQ301', message = 'the run''s lease is over: another may have closed it',
            detail = format('cycle_id=%s run=%s lease_until=%s', p_cycle_id, p_run, v_run.lease_until),
            hint = 'python -m runner cycle  (it opens the next run)';
    end if;
    if v_cycle.config_sha256 is distinct from govern.pinned_config() then
        raise exception using errcode = 'MQ302', message = 'the cycle runs under a configuration that is not pinned',
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
'Locks a run for placing and gives what its orders are judged by. Raises MQ300, MQ301, MQ302, MQ303.';
