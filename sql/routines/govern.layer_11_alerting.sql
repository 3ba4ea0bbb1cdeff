-- govern.layer_11_alerting(cycle, run): PASS where the outbox holds the alert that a refusing run owes (ruling F16).
-- Why: no silent failure (I26): govern.conclude has queued it, or counted it on one raised within the window; here it is looked
-- for.
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_11_alerting(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with owed as (
        select g.account, min(g.layer) as layer
        from decide.gate_verdicts as g
        where g.cycle_id = p_cycle_id and g.run = p_run and g.verdict = 'REFUSE'
        group by g.account
    ),

    missing as (
        select o.layer from owed as o
        where not exists (
            select 1 from notify.alerts as a
            where a.code = 'HALT_' || o.layer and a.last_raised_at > ops.now() - make_interval(secs => 600)
        )
    )

    select govern.make_verdict(
        11, case when exists (select 1 from missing) then 'REFUSE' else 'PASS' end,
        case when exists (select 1 from missing) then 'ALERT_NOT_QUEUED' else 'OUTBOX_COMPLETE' end,
        jsonb_build_object('alerts_owed', (select count(*) from owed), 'alerts_missing', (select count(*) from missing))
    )
$$;
comment on function govern.layer_11_alerting(text, integer) is 'Layer 11: the alert a refusing run owes stands in the outbox.';
