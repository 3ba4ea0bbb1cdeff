-- audit.config_history: which configuration was in force from when to when, pinned by whom and why.
create or replace view audit.config_history as
select
    p.pin_id, p.config_sha256, p.reason, p.pinned_by, p.pinned_at, p.recorded_at,
    lead(p.pinned_at) over (order by p.pin_id) as replaced_at,
    v.parsed,
    (select count(*) from govern.limits as l where l.config_sha256 = p.config_sha256) as limit_versions,
    p.request_id, r.author as proposed_by, e.actor as approved_by
from govern.config_pins as p
    join govern.config_versions as v on v.config_sha256 = p.config_sha256
    left join govern.change_requests as r on r.request_id = p.request_id
    left join govern.change_events as e on e.request_id = p.request_id and e.event = 'approved';
comment on view audit.config_history is 'One row per pinning of a configuration.';
comment on column audit.config_history.pin_id is 'Sequence.';
comment on column audit.config_history.config_sha256 is 'Configuration, SHA-256.';
comment on column audit.config_history.reason is 'Why it was pinned.';
comment on column audit.config_history.pinned_by is 'Login role.';
comment on column audit.config_history.pinned_at is 'Instant by ops.now() from which it was in force.';
comment on column audit.config_history.recorded_at is 'Wall instant.';
comment on column audit.config_history.replaced_at is
'Instant by ops.now() at which the next one was pinned; NULL while in force.';
comment on column audit.config_history.parsed is 'Its validated content.';
comment on column audit.config_history.limit_versions is 'Rows of govern.limits bound to it.';
comment on column audit.config_history.request_id is 'Request of two people, where it loosened something.';
comment on column audit.config_history.proposed_by is 'Login role of its author.';
comment on column audit.config_history.approved_by is 'Login role of the second person.';
