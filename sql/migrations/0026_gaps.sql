-- 0026 gaps: sessions an operator declared absent, and every time one that is missing was asked for again.

-- The tables are new and empty: no lock is held for long.
-- squawk-ignore-file adding-foreign-key-constraint

create table market.absences (
    symbol text not null references ref.instruments,
    session date not null,
    operator text not null default session_user,
    reason text not null check (reason <> ''),
    declared_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (symbol, session)
);
comment on table market.absences is
'One row per session an operator declared to have no bar, such as a halt; append-only. It is asked for no more and quality does '
'not expect it; a bar of it that comes all the same counts, and the declaration no longer does.';
comment on column market.absences.symbol is 'Instrument.';
comment on column market.absences.session is 'Session of its calendar.';
comment on column market.absences.operator is 'The person''s login role.';
comment on column market.absences.reason is 'Why there is no bar.';
comment on column market.absences.declared_at is 'Instant by ops.now(): no cycle as of an earlier one counts it.';
comment on column market.absences.recorded_at is 'Wall instant.';

create table market.gap_attempts (
    attempt_id bigint generated always as identity primary key,
    symbol text not null references ref.instruments,
    session date not null,
    provider text not null references ref.providers,
    fault text check (fault <> ''),
    attempted_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
create index gap_attempts_session on market.gap_attempts (symbol, session, attempt_id);
comment on table market.gap_attempts is 'One row per missing session and source asked for it again; append-only.';
comment on column market.gap_attempts.attempt_id is 'Sequence.';
comment on column market.gap_attempts.symbol is 'Instrument.';
comment on column market.gap_attempts.session is 'Session that was missing.';
comment on column market.gap_attempts.provider is 'Source that was asked.';
comment on column market.gap_attempts.fault is 'Why it did not answer; NULL where it did, with a bar of the session or without.';
comment on column market.gap_attempts.attempted_at is 'Instant by ops.now().';
comment on column market.gap_attempts.recorded_at is 'Wall instant.';
