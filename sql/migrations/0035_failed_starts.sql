-- 0035 failed starts: a cycle that was started and ended before it had a run is a row (I26).
create table decide.failed_starts (
    start_id bigint generated always as identity primary key,
    account text not null,
    as_of_session date not null,
    exit_code integer not null check (exit_code <> 0),
    reason text not null,
    failed_at timestamptz not null,
    recorded_by text not null default session_user,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table decide.failed_starts is
'One row per start of a cycle that ended before a run of it was opened (I26); append-only.';
comment on column decide.failed_starts.start_id is 'Sequence.';
comment on column decide.failed_starts.account is 'Account; it need not be open yet.';
comment on column decide.failed_starts.as_of_session is 'Session the cycle should have seen last.';
comment on column decide.failed_starts.exit_code is 'Exit code of the process; the negative number of the signal that ended it.';
comment on column decide.failed_starts.reason is 'What it said last, without secrets.';
comment on column decide.failed_starts.failed_at is 'Instant by ops.now().';
comment on column decide.failed_starts.recorded_by is 'Login role.';
comment on column decide.failed_starts.recorded_at is 'Wall instant.';

create index failed_starts_session on decide.failed_starts (account, as_of_session);
