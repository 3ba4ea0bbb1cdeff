-- audit.kill_switch_history: every engagement and clearing of a kill source, and whether it is engaged now.
create or replace view audit.kill_switch_history as
select
    e.event_id, e.source, e.host, e.action, e.reason, e.actor, e.occurred_at, e.recorded_at,
    exists (select 1 from ops.kill_sources as s where s.source = e.source and s.host = e.host) as engaged_now
from ops.kill_events as e;
comment on view audit.kill_switch_history is 'One row per engagement or clearing of a kill source.';
comment on column audit.kill_switch_history.event_id is 'Sequence.';
comment on column audit.kill_switch_history.source is 'Kill source.';
comment on column audit.kill_switch_history.host is 'Reporting host for source file, else empty.';
comment on column audit.kill_switch_history.action is 'engage or clear.';
comment on column audit.kill_switch_history.reason is 'Why, as given.';
comment on column audit.kill_switch_history.actor is 'Login role.';
comment on column audit.kill_switch_history.occurred_at is 'Instant by ops.now().';
comment on column audit.kill_switch_history.recorded_at is 'Wall instant.';
comment on column audit.kill_switch_history.engaged_now is 'True while that source is engaged.';
