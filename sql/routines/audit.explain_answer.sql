-- audit.explain_answer(explanation): the one sentence: traded or not, and why.
-- What: "bought" and "sold" are an execution's word, "to be" that of an order which is not over; a decision alone is neither.
-- Called by: audit.explain_json, before it adds the sentence. Raises: nothing.
create or replace function audit.explain_answer(p_found jsonb)
returns text
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when d.said is null and c.state in ('FAILED', 'OPEN') then format(
            'No decision: run %s of the cycle %s (%s); a run decides everything or nothing.', c.run,
            case c.state when 'OPEN' then 'is still open' else 'failed' end, coalesce(c.reason, 'no reason yet')
        )
        when p_found -> 'inputs' = 'null'::jsonb then format(
            'Not considered: neither in the universe on %s nor held by %s.', c.as_of_session, c.account
        )
        when d.said is null then 'No decision is recorded.'
        when c.state = 'HALTED' then format(
            'Not traded: nothing was. Layer %s (%s) refused the cycle: %s.', c.layer, v.layer_name, v.reason
        )
        when d.said = 'REJECT' then format('Not traded: %s.', d.codes)
        when d.said = 'HOLD' then format('Left as it is at %s: %s.', d.size, d.codes)
        else format(
            '%s toward %s from %s (%s): %s.',
            case coalesce(b.outcome, 'Not') when 'filled' then case d.said when 'EXECUTE_BUY' then 'Bought' else 'Sold' end
                else concat_ws(' ', coalesce(b.outcome, 'Not'), case d.said when 'EXECUTE_BUY' then 'bought' else 'sold' end) end,
            d.size, d.held, d.codes, coalesce(b.orders, 'no order; ' || c.mode || ' mode')
        )
    end
    from jsonb_to_record(p_found -> 'cycle') as c (
        state text, run integer, reason text, layer integer, as_of_session text, account text, mode text
    )
        left join jsonb_to_recordset(p_found -> 'cycle' -> 'verdicts') as v (layer integer, layer_name text, reason text)
            on v.layer = c.layer
        cross join lateral (
            select
                p_found -> 'decision' ->> 'final_decision' as said,
                audit.show_value(p_found -> 'decision' -> 'reason_codes') as codes,
                audit.show_value(p_found -> 'decision' -> 'position_size') as size,
                audit.show_value(p_found -> 'decision' -> 'held' -> 'weight') as held
        ) as d
        cross join lateral (
            select
                case
                    when bool_or(o ->> 'average_price' is not null) then 'filled'
                    when bool_or(o ->> 'state' in ('PENDING', 'SUBMITTED', 'ACKNOWLEDGED', 'PARTIAL')) then 'To be'
                end as outcome,
                string_agg(format('%s %s %s %s%s', o ->> 'leg', o ->> 'side', o ->> 'quantity', o ->> 'state', case
                    when o ->> 'refused_by' is not null then ' by ' || (o ->> 'refused_by')
                    when (o ->> 'filled_quantity')::numeric < (o ->> 'quantity')::numeric
                        then format(' with %s at %s', o ->> 'filled_quantity', audit.show_value(o -> 'average_price'))
                    when o ->> 'average_price' is not null then ' at ' || audit.show_value(o -> 'average_price')
                    else case o ->> 'state' when 'REJECTED' then ' by the broker' else '' end || coalesce((
                        select ': ' || string_agg(x #>> '{detail,reason}', '; ' order by n)
                        from jsonb_array_elements(nullif(o -> 'events', 'null')) with ordinality as l (x, n)
                        where x ->> 'to' = o ->> 'state'
                    ), '') end), ', ' order by position) as orders
            from jsonb_array_elements(p_found -> 'orders') with ordinality as e (o, position)
            where o ->> 'leg' <> 'stop'
        ) as b
$$;
comment on function audit.explain_answer(jsonb) is
'One sentence about an explanation: whether the symbol was traded, and why or why not.';
