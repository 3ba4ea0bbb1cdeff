-- audit.tell_orders(explanation): the text from orders to fills and position, and where the chain has it.
-- Called by: audit.explain. Raises: nothing.
create or replace function audit.tell_orders(p_found jsonb)
returns text
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(
        E'\n',
        '',
        'ORDERS',
        coalesce((
            select string_agg(format(
                E'  %s: %s %s %s%s for %s: %s%s\n    %s%s', o ->> 'client_order_id', o ->> 'side', o ->> 'quantity',
                o ->> 'order_type',
                coalesce(' at ' || coalesce(o ->> 'stop_price', o ->> 'limit_price'), ''), o ->> 'trade_session', o ->> 'state',
                coalesce(' by ' || (o ->> 'refused_by'), ''),
                (
                    select string_agg(
                        format('%s%s (%s%s)', e ->> 'event', coalesce(' -> ' || (e ->> 'to'), ''), e ->> 'actor',
                            case when e ->> 'event' ~ '^(cancel|rejected)' then ': ' || (e #>> '{detail,reason}') end),
                        ', ' order by n
                    )
                    from jsonb_array_elements(o -> 'events') with ordinality as x (e, n)
                ),
                (
                    select string_agg(format(E'\n    fill %s at %s on %s, fee %s, prices %s', f ->> 'quantity',
                        audit.show_value(f -> 'price'), f ->> 'session', audit.show_value(f -> 'fee'), f ->> 'price_basis'), ''
                        order by n)
                        || E'\n    cost against the price decided on ' || audit.show_value(o -> 'cost_usd') || ' USD'
                    from jsonb_array_elements(o -> 'fills') with ordinality as y (f, n)
                )
            ), E'\n' order by position)
            from jsonb_array_elements(p_found -> 'orders') with ordinality as z (o, position)
        ), '  none'),
        '',
        'POSITION',
        format('  %s %s, %s now; remembered: %s',
            coalesce((p -> 'after_trade_session' ->> 'quantity') || ' shares after', 'not over yet:'),
            p -> 'after_trade_session' ->> 'session', coalesce(p -> 'now' ->> 'quantity', '0'),
            audit.show_value(nullif(p -> 'remembered', 'null'::jsonb))),
        '',
        'AUDIT',
        coalesce((
            select string_agg(
                format('  %s %s (%s)', l ->> 'seq', l ->> 'event', l ->> 'actor'), E'\n' order by (l ->> 'seq')::bigint
            )
            from jsonb_array_elements(p_found -> 'audit') as l
        ), '  none')
    )
    from (select p_found -> 'position' as p) as s
$$;
comment on function audit.tell_orders(jsonb) is
'Text of an explanation: orders with their events and fills, position, entries of the audit log.';
