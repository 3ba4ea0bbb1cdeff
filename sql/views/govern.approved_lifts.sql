-- govern.approved_lifts: the tightened rows that two people took back, now or from an instant to come, and nobody stopped since.
create or replace view govern.approved_lifts as
select f.limit_name, f.version, f.request_id, f.effective_from
from govern.limit_lifts as f
where not exists (
    select 1 from govern.change_events as e where e.request_id = f.request_id and e.event in ('refused', 'withdrawn')
);
comment on view govern.approved_lifts is
'One row per tightened row that two people took back, unless it was stopped before its instant.';
comment on column govern.approved_lifts.limit_name is 'Limit.';
comment on column govern.approved_lifts.version is 'Version of the tightened row.';
comment on column govern.approved_lifts.request_id is 'Request that was approved.';
comment on column govern.approved_lifts.effective_from is 'Instant by ops.now() from which the row no longer counts.';
