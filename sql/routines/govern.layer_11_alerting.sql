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
        select r.account, h.layer
        from decide.cycle_runs as r
            cross join lateral (select govern.halting_layer(r.cycle_id, r.run) as layer) as h
        where r.cycle_id = p_cycle_id and r.run = p_run and h.layer is not null
    ),

    missing as (
        select o.layer from owed as o
        where not exists (
            select 1 from notify.alerts as a
            where a.code = 'HALT_' || o.layer and a.account = o.account
                and a.last_raised_at > ops.now() - make_interval(secs => 600)
        )
    )

    select govern.make_verdict(
        11, case when exists (select 1 from missing) then 'REFUSE' else 'PASS' end,
        case when exists (select 1 from missing) then 'ALERT_NOT_QUEUED' else 'OUTBOX_COMPLETE' end,
        jsonb_build_object('alerts_owed', (select count(*) from owed), 'alerts_missing', (select count(*) from missing))
    )
$$;
comment on function govern.layer_11_alerting(text, integer) is 'Layer 11: the alert a refusing run owes stands in the outbox.';
