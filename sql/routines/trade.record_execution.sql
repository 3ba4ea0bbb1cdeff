-- trade.record_execution(account, execution): books one execution of the broker's record, or raises a break; nothing is lost.
-- What: BOOKED, KNOWN (booked before), NOT_OURS (of an order nobody placed, which trade.record_orphans has), UNKNOWN (of an order that
-- no report has named yet: the mark must not pass it), BREAK. The order is found by its client id, else by the broker's.
-- Why: one execution that cannot be booked (another quantity, more than ordered) must not keep the others from being booked.
-- Called by: the broker worker, one transaction each. Raises: MQ240, MQ362 an execution that cannot be read.
create or replace function trade.record_execution(p_account text, p_execution jsonb)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_execution record;
    v_id text;
    v_new boolean;
    v_event jsonb;
begin
    perform trade.require_account(p_account);
    begin
        select x.* into v_execution
        from jsonb_to_record(p_execution) as x (
            execution_id text, client_order_id text, broker_order_id text, symbol text, side text, quantity numeric, price numeric,
            fee numeric, price_basis text, session date, filled_at timestamptz
        );
    exception
        when data_exception then
            raise exception using errcode = 'MQ362', message = 'an execution cannot be read: ' || sqlerrm,
                detail = format('execution_id=%s', p_execution ->> 'execution_id'), hint = 'the adapter of the broker reads its answers';
    end;
    select o.client_order_id into v_id
    from trade.orders as o
    where o.account = p_account
        and (o.client_order_id = v_execution.client_order_id or o.broker_order_id = v_execution.broker_order_id);
    if not found then
        select e.client_order_id into v_id
        from trade.order_events as e
        where e.account = p_account and e.event = 'acknowledged' and e.detail ->> 'broker_order_id' = v_execution.broker_order_id
        limit 1;
        if not found then
            return case
                when exists (
                    select 1
                    from trade.foreign_orders as f
                    where f.account = p_account and f.broker_order_id = v_execution.broker_order_id
                ) then 'NOT_OURS'
                else 'UNKNOWN'
            end;
        end if;
    end if;
    begin
        if (select (o.symbol, o.side) is distinct from (v_execution.symbol, v_execution.side)
            from trade.orders as o where o.client_order_id = v_id) then
            raise exception using errcode = 'MQ315', message = 'an execution of another symbol or side than its order';
        end if;
        v_new := trade.record_fill(
            p_account, v_execution.execution_id, v_id, v_execution.quantity, v_execution.price, v_execution.fee,
            v_execution.price_basis, v_execution.session, v_execution.filled_at
        );
        return case when v_new then 'BOOKED' else 'KNOWN' end;
    exception
        when sqlstate 'MQ315' or sqlstate 'MQ316' or sqlstate 'MQ317' or integrity_constraint_violation then
            perform 1 from trade.accounts as a where a.account = p_account for no key update;
            v_event := trade.raise_break(p_account, 'EXECUTION', v_execution.symbol, v_execution.execution_id,
                jsonb_build_object('fault', sqlstate, 'message', sqlerrm, 'theirs', p_execution));
    end;
    if v_event is not null then
        perform audit.append(jsonb_build_array(v_event));
    end if;
    return 'BREAK';
end;
$$;
comment on function trade.record_execution(text, jsonb) is
'Books one execution: BOOKED, KNOWN, NOT_OURS, UNKNOWN, or BREAK where it contradicts our books. Raises MQ240, MQ362.';
