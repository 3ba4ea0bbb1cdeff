-- audit.resumptions: who resumed trading after a kill, why, and on what; audit.kill_switch_history tells of the kills.
create or replace view audit.resumptions as
select
    r.resumption_id, r.resumed_at, r.actor, r.reason,
    (
        select min(e.occurred_at)
        from ops.kill_events as e
        where e.action = 'engage' and e.event_id <= r.event_id and e.event_id > coalesce(
            (select max(p.event_id) from ops.resumptions as p where p.resumption_id < r.resumption_id), 0
        )
    ) as killed_at,
    r.checklist, r.recorded_at
from ops.resumptions as r;
comment on view audit.resumptions is 'One row per resumption of trading after a kill (I15).';
comment on column audit.resumptions.resumption_id is 'Sequence.';
comment on column audit.resumptions.resumed_at is 'Instant by ops.now(): the ramp begins here.';
comment on column audit.resumptions.actor is 'Login role of the operator.';
comment on column audit.resumptions.reason is 'Why it was safe, as given.';
comment on column audit.resumptions.killed_at is 'Instant by ops.now() of the first engagement it answers.';
comment on column audit.resumptions.checklist is 'Every item that was asked, with what was found.';
comment on column audit.resumptions.recorded_at is 'Wall instant.';
