-- decide.run_rows(cycle, run): everything a run stored, as one jsonb {part: [row, …]} in a fixed order.
-- What: model_outputs, risk_checks, risk_states, regime_states, symbol_states, decisions, orders (legs of the committee),
-- verdicts, and how the run ended. Wall instants stay out; instants are UTC text; every digit is there.
-- Called by: audit.replay_run. Raises: nothing.
create or replace function decide.run_rows(p_cycle_id text, p_run integer)
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set extra_float_digits = 1
as $$
    with lines (part, place, line) as (
        select r.part, r.place, r.line from decide.run_lines(p_cycle_id, p_run) as r

        union all
        select 'orders', o.client_order_id, jsonb_build_object(
            'client_order_id', o.client_order_id, 'symbol', o.symbol, 'leg', o.leg, 'side', o.side, 'quantity', o.quantity,
            'order_type', o.order_type, 'time_in_force', o.time_in_force, 'limit_price', o.limit_price,
            'stop_price', o.stop_price, 'trade_session', o.trade_session, 'config_sha256', o.config_sha256
        )
        from trade.orders as o
        where o.cycle_id = p_cycle_id and o.run = p_run and o.leg in ('entry', 'exit') and o.revision = 0

        union all
        select 'verdicts', to_char(g.layer, 'FM00'), jsonb_build_object(
            'layer', g.layer, 'verdict', g.verdict, 'reason_code', g.reason_code, 'evidence', g.evidence
        )
        from decide.gate_verdicts as g where g.cycle_id = p_cycle_id and g.run = p_run

        union all
        select 'runs', '', jsonb_build_object(
            'layer', r.layer, 'reason', r.reason, 'exit_code', r.exit_code, 'summary', r.summary
        )
        from decide.cycle_runs as r where r.cycle_id = p_cycle_id and r.run = p_run
    )

    select coalesce(jsonb_object_agg(p.part, p.rows), '{}'::jsonb)
    from (
        select
            l.part,
            jsonb_agg(l.line order by l.place collate "C") as rows
        from lines as l
        group by l.part
    ) as p
$$;
comment on function decide.run_rows(text, integer) is
'Everything a run stored, as {part: [row, …]} without wall instants: what a replay compares with.';
