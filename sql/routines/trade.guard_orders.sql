-- trade.guard_orders(): trigger of trade.orders. What: an order is born PENDING or REJECTED by a limit; its wish never changes;
-- its state moves by trade.order_transitions only; a terminal state is never left; no row is removed.
-- Why: exactly one terminal state per intent (I3), whoever writes: it is always enabled and the owner meets it too.
-- Called by: the triggers below. Raises: MQ306, MQ307, MQ308, MQ309.
create or replace function trade.guard_orders()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
    -- The columns that may change; every other one is the wish. A column added later is immutable until named here.
    c_moving constant text[] := array[
        'state', 'refused_by', 'unsent', 'in_doubt', 'post_attempt', 'lease_owner', 'lease_until', 'fencing_token',
        'broker_order_id', 'submitted_at', 'closed_at', 'doubt_since', 'looked_up_at', 'lookup_count', 'broker_filled_quantity'
    ];
begin
    if tg_op in ('DELETE', 'TRUNCATE') then
        raise exception using errcode = 'MQ308', message = 'an order is never removed',
            detail = format('operation=%s', tg_op), hint = 'let it reach its terminal state';
    end if;
    if tg_op = 'INSERT' then
        if (new.state = 'PENDING' and new.refused_by is null or new.state = 'REJECTED' and new.refused_by is not null) is not true
            or new.post_attempt <> 0 or new.in_doubt or new.broker_order_id is not null then
            raise exception using errcode = 'MQ309', message = 'an order is born PENDING, or REJECTED with the limit that refused it',
                detail = format('client_order_id=%s state=%s refused_by=%s', new.client_order_id, new.state, new.refused_by),
                hint = 'orders are placed by trade.place_orders';
        end if;
        return new;
    end if;
    if to_jsonb(new) - c_moving <> to_jsonb(old) - c_moving then
        raise exception using errcode = 'MQ306', message = 'what an order wished never changes',
            detail = format('client_order_id=%s', old.client_order_id),
            hint = 'place a new intent with the next revision once this one has its terminal state';
    end if;
    if exists (select 1 from trade.order_states as s where s.state = old.state and s.terminal)
        or (new.state <> old.state and not exists (
            select 1 from trade.order_transitions as t where t.from_state = old.state and t.to_state = new.state
        ))
        or new.fencing_token < old.fencing_token or new.post_attempt < old.post_attempt
        or new.broker_filled_quantity < old.broker_filled_quantity
        or (old.refused_by is not null and new.refused_by is distinct from old.refused_by)
        or (old.broker_order_id is not null and new.broker_order_id is distinct from old.broker_order_id) then
        raise exception using errcode = 'MQ307', message = format('an order cannot go from %s to %s', old.state, new.state),
            detail = format('client_order_id=%s from=%s to=%s', old.client_order_id, old.state, new.state),
            hint = 'select * from trade.order_transitions; a later broker fact stands beside a terminal state, in trade.order_events';
    end if;
    return new;
end;
$$;
comment on function trade.guard_orders() is
'Trigger: how an order is born and how its state may move. Raises MQ306, MQ307, MQ308, MQ309.';

create or replace trigger orders_move_by_rule before insert or update or delete on trade.orders
for each row execute function trade.guard_orders();
create or replace trigger orders_are_not_truncated before truncate on trade.orders
for each statement execute function trade.guard_orders();
alter table trade.orders enable always trigger orders_move_by_rule;
alter table trade.orders enable always trigger orders_are_not_truncated;
