-- trade.send_refusal(id, fencing_token): NULL where a released order may still be sent now, else why not.
-- What: TAKEN_OVER, or what a state in force does not let through (KILL_SWITCH, STATE_HALT): what a release checks and may have
-- changed since. A protective stop leaves under a kill (B5). It takes no lock and decides nothing.
-- Why: the orders of one claim leave one after the other; a kill must stop those that have not left, within the second, and
-- without a database nothing leaves (I13, I14).
-- Called by: the broker worker, right before each POST. Raises: nothing; an unknown order is TAKEN_OVER.
create or replace function trade.send_refusal(p_client_order_id text, p_fencing_token bigint)
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when o.client_order_id is null then 'TAKEN_OVER'
        else govern.state_refusal(o.account, o.leg, ops.kill_engaged(false))
    end
    from (select 1) as one
        left join trade.orders as o
            on o.client_order_id = p_client_order_id and o.fencing_token = p_fencing_token and o.state = 'SUBMITTED'
$$;
comment on function trade.send_refusal(text, bigint) is 'NULL where a released order may still be sent now, else why not.';
