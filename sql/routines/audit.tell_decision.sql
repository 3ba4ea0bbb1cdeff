-- audit.tell_decision(explanation): the text from the agents' views to the decision, with every limit that bound.
-- Called by: audit.explain. Raises: nothing.
create or replace function audit.tell_decision(p_found jsonb)
returns text
language sql
immutable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select concat_ws(
        E'\n',
        '',
        'VIEWS',
        coalesce((
            select string_agg(case when (a ->> 'abstained')::boolean then format(
                '  %s abstained: %s', concat_ws(' of ', a ->> 'agent', a ->> 'family'), audit.show_value(a -> 'reasons')
            ) else format(
                '  %s: score %s, mu %s, sigma %s, confidence %s, weight %s: %s',
                concat_ws(' of ', a ->> 'agent', a ->> 'family'), audit.show_value(a -> 'score'),
                audit.show_value(a -> 'mu'), audit.show_value(a -> 'sigma'), audit.show_value(a -> 'confidence'),
                audit.show_value(a -> 'weight'), audit.show_value(a -> 'reasons')
            ) end, E'\n' order by a ->> 'agent')
            from jsonb_array_elements(p_found -> 'agents') as a
        ), '  no agent was asked'),
        '',
        'ARITHMETIC',
        audit.tell_arithmetic(p_found),
        '',
        'RISK',
        case when jsonb_typeof(r -> 'state') = 'object' then format(
            '  state %s, VaR %s, CVaR %s, after the trades %s, drawdown %s', r -> 'state' ->> 'state',
            audit.show_value(r -> 'state' -> 'var_95'), audit.show_value(r -> 'state' -> 'cvar_95'),
            audit.show_value(r -> 'state' -> 'cvar_post_trade'), audit.show_value(r -> 'state' -> 'drawdown')
        ) else '  no risk state was recorded' end,
        (
            select string_agg(format(
                '  %s %s (%s): %s of %s, %s %s%s', case when (k ->> 'binding')::boolean then '!' else ' ' end, k ->> 'limit',
                k ->> 'scope', audit.show_value(k -> 'observed'), audit.show_value(k -> 'threshold'), k ->> 'action',
                k ->> 'reason', case when (k ->> 'factor')::numeric <> 1 then ' x ' || audit.show_value(k -> 'factor') else '' end
            ), E'\n' order by position)
            from jsonb_array_elements(r -> 'checks') with ordinality as e (k, position)
        ),
        '',
        'DECISION',
        case when jsonb_typeof(d) = 'object' then format(
            E'  %s, weight %s (held %s, %s shares): %s\n  mu %s, sigma %s, conviction %s, stop %s',
            d ->> 'final_decision',
            audit.show_value(d -> 'position_size'), audit.show_value(d -> 'held' -> 'weight'),
            coalesce(d -> 'held' ->> 'shares', '-'), audit.show_value(d -> 'reason_codes'),
            audit.show_value(d -> 'mu_hat'), audit.show_value(d -> 'sigma_hat'), audit.show_value(d -> 'conviction'),
            audit.show_value(d -> 'stop_loss')
        ) else '  none' end
    )
    from (select p_found -> 'decision' as d, p_found -> 'risk' as r) as s
$$;
comment on function audit.tell_decision(jsonb) is
'Text of an explanation: views, the arithmetic from them to a weight, limits (! where one bound), decision.';
