-- audit.change_requests: who asked for a loosening, who agreed, when and why, and what became of it.
create or replace view audit.change_requests as
select
    c.request_id, c.kind,
    case
        when d.event is not null then upper(d.event)
        when u.event is not null and c.effective_from <= ops.now() then 'APPLIED'
        when c.expires_at <= ops.now() then 'EXPIRED'
        when a.event is not null then 'APPROVED'
        else 'PROPOSED'
    end as state,
    c.loosened, c.author, c.reason, c.proposed_at, c.effective_from, c.expires_at, a.actor as approved_by,
    a.reason as approval_reason, a.occurred_at as approved_at, d.event as ended_as, d.actor as ended_by, d.reason as end_reason,
    d.occurred_at as ended_at, u.occurred_at as applied_at, c.content, c.content_sha256, c.base_sha256
from govern.change_requests as c
    left join govern.change_events as a on a.request_id = c.request_id and a.event = 'approved'
    left join govern.change_events as u on u.request_id = c.request_id and u.event = 'applied'
    left join govern.change_events as d on d.request_id = c.request_id and d.event in ('refused', 'withdrawn');
comment on view audit.change_requests is 'One row per proposed loosening: its author, its second person, its end.';
comment on column audit.change_requests.request_id is 'Request.';
comment on column audit.change_requests.kind is 'config: a golden configuration; lift: a tightened limit taken back.';
comment on column audit.change_requests.state is
'PROPOSED, APPROVED (a lift: until its instant), APPLIED, REFUSED, WITHDRAWN or EXPIRED.';
comment on column audit.change_requests.loosened is 'Limits and parameters it loosens, or may loosen.';
comment on column audit.change_requests.author is 'Login role of who proposed it.';
comment on column audit.change_requests.reason is 'Why.';
comment on column audit.change_requests.proposed_at is 'Instant by ops.now().';
comment on column audit.change_requests.effective_from is 'Instant by ops.now() before which it has no effect.';
comment on column audit.change_requests.expires_at is 'Instant by ops.now() after which it is EXPIRED.';
comment on column audit.change_requests.approved_by is 'Login role of the second person.';
comment on column audit.change_requests.approval_reason is 'Why that person agreed.';
comment on column audit.change_requests.approved_at is 'Instant by ops.now().';
comment on column audit.change_requests.ended_as is 'refused or withdrawn, where it was.';
comment on column audit.change_requests.ended_by is 'Login role.';
comment on column audit.change_requests.end_reason is 'Why.';
comment on column audit.change_requests.ended_at is 'Instant by ops.now().';
comment on column audit.change_requests.applied_at is 'Instant by ops.now() at which it was pinned or its lift recorded.';
comment on column audit.change_requests.content is 'What was proposed, exactly.';
comment on column audit.change_requests.content_sha256 is 'Its SHA-256.';
comment on column audit.change_requests.base_sha256 is 'Digest of the numbers it was proposed over.';
