-- audit.refuse_change(): trigger function of append-only relations.
-- Why: what happened is not edited (I22); the triggers are statement level and `enable always`, so neither an empty match nor
-- session_replication_role passes them.
-- Orders have a guard of their own, trade.guard_orders: their state moves. A hypertable made later keeps the trigger.
-- Called by: the triggers below, made here so that a deploy restores one that was taken off. Raises: MQ211.
create or replace function audit.refuse_change()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception using errcode = 'MQ211',
        message = format('%I.%I is append-only', tg_table_schema, tg_table_name),
        detail = 'operation=' || lower(tg_op), hint = 'record a new row; the old one stays';
end;
$$;
comment on function audit.refuse_change() is 'Trigger function of append-only relations: raises MQ211.';

do $triggers$
declare
    v_relation regclass;
begin
    -- A hypertable has another owner by the time this file is applied again, and kept the trigger it was born with.
    for v_relation in
        select c.oid::regclass
        from unnest(array[
            'audit.anchors', 'audit.audit_log',
            'decide.cycle_inputs', 'decide.cycles', 'decide.decisions', 'decide.failed_starts', 'decide.gate_verdicts',
            'decide.layer_checks', 'decide.missed_cycles', 'decide.model_outputs', 'decide.regime_states',
            'decide.relation_reads', 'decide.risk_checks', 'decide.risk_states', 'decide.run_inputs', 'decide.symbol_states',
            'govern.change_events', 'govern.change_requests', 'govern.config_pins', 'govern.config_versions',
            'govern.limit_lifts', 'govern.limit_sets', 'govern.limits', 'govern.liquidation_approvals', 'govern.operator_events',
            'market.absences', 'market.corporate_actions', 'market.fetch_responses', 'market.fundamentals',
            'market.gap_attempts', 'market.headline_opinions', 'market.news', 'market.provider_bars', 'market.quarantined_bars',
            'market.quarantined_facts',
            'ops.kill_events', 'ops.resumptions',
            'trade.adoptions', 'trade.applied_actions', 'trade.break_resolutions', 'trade.breaks', 'trade.broker_snapshots',
            'trade.cash_ledger', 'trade.fills', 'trade.foreign_orders', 'trade.mark_rebases', 'trade.nav', 'trade.order_events',
            'trade.position_adjustments'
        ]) as u (relation)
            join pg_class as c on c.oid = u.relation::regclass and c.relowner = 'fund_owner'::regrole
    loop
        execute format(
            'create or replace trigger append_only before update or delete or truncate on %s '
            'for each statement execute function audit.refuse_change()', v_relation
        );
        execute format('alter table %s enable always trigger append_only', v_relation);
    end loop;
end
$triggers$;
