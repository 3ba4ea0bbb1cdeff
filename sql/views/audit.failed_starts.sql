-- audit.failed_starts: the starts of a cycle that ended before it had a run (I26).
create or replace view audit.failed_starts as
select f.start_id, f.account, f.as_of_session, f.exit_code, f.reason, f.failed_at, f.recorded_by, f.recorded_at
from decide.failed_starts as f;
comment on view audit.failed_starts is 'One row per start of a cycle by the daemon that ended before a run of it was opened.';
comment on column audit.failed_starts.start_id is 'Sequence.';
comment on column audit.failed_starts.account is 'Account; it need not be open yet.';
comment on column audit.failed_starts.as_of_session is 'Session the cycle should have seen last.';
comment on column audit.failed_starts.exit_code is 'Exit code of the process; the negative number of the signal that ended it.';
comment on column audit.failed_starts.reason is 'What it said last, without secrets.';
comment on column audit.failed_starts.failed_at is 'Instant by ops.now().';
comment on column audit.failed_starts.recorded_by is 'Login role.';
comment on column audit.failed_starts.recorded_at is 'Wall instant.';
