-- trade.cancel_over_splits(account): orders placed before the opening of a split's ex-date count old shares at old prices: they
-- shall end.
-- What: one that never left is CANCELLED here, one at the broker gets a request, reason SPLIT; the audit events of it. The next
-- cycle, and the next protection of positions, place them anew with prices of the new basis (D14).
-- Called by: trade.apply_corporate_actions, which holds the account. Raises: nothing of its own.
create or replace function trade.cancel_over_splits(p_account text)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_order trade.orders;
    v_events jsonb := '[]';
begin
    for v_order in
        select o.*
        from trade.orders as o
            join ref.instruments as i on i.symbol = o.symbol
        where o.account = p_account and o.closed_at is null
            and not exists (
                select 1 from trade.order_requests as r where r.client_order_id = o.client_order_id and r.settled_at is null
            )
            and exists (
                select 1
                from trade.known_actions(
                        o.symbol, (o.placed_at at time zone 'UTC')::date, (ops.now() at time zone 'UTC')::date
                    ) as k
                    join ref.sessions as s on s.calendar = i.calendar and s.session = k.ex_date and s.opens_at > o.placed_at
                where k.kind = 'split' and k.factor <> 1
            )
        order by o.client_order_id
        for no key update of o
    loop
        if v_order.state = 'PENDING' then
            perform trade.move_order(v_order.client_order_id, 'CANCELLED', 'cancelled', '{"reason": "SPLIT"}');
        else
            perform trade.insert_request(v_order, 'SPLIT');
        end if;
        v_events := v_events || trade.audit_event(v_order.client_order_id, '{"cancel": "SPLIT"}');
    end loop;
    return v_events;
end;
$$;
comment on function trade.cancel_over_splits(text) is
'Cancels, or requests the cancel of, live orders placed before the ex-date of a known split; the audit events of it.';
