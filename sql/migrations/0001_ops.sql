-- 0001 ops: what this database is, its clock, its locks, its kill switch, the processes that reported in.

create table ops.instances (
    singleton boolean primary key default true check (singleton),
    kind text not null check (kind in ('real', 'simulated')),
    created_at timestamptz not null default clock_timestamp()
);
comment on table ops.instances is 'One row: what this database is, from its first deploy on. Grain: the database.';
comment on column ops.instances.singleton is 'Always true: at most one row.';
comment on column ops.instances.kind is 'real: ops.now() is the wall clock. simulated: ops.advance_clock moves it, forward only.';
comment on column ops.instances.created_at is 'Wall instant of the first deploy.';

create table ops.simulated_clocks (
    singleton boolean primary key default true check (singleton),
    instant timestamptz not null check (isfinite(instant)),
    advanced_at timestamptz not null default clock_timestamp(),
    advanced_by text not null default session_user
);
comment on table ops.simulated_clocks is 'One row on a simulated database, none on a real one: the instant ops.now() returns (I25).';
comment on column ops.simulated_clocks.singleton is 'Always true: at most one row.';
comment on column ops.simulated_clocks.instant is 'The simulated instant.';
comment on column ops.simulated_clocks.advanced_at is 'Wall instant of the last advance.';
comment on column ops.simulated_clocks.advanced_by is 'Login role that advanced it.';

create table ops.locks (
    lock_name text primary key,
    purpose text not null
);
comment on table ops.locks is 'Mutual exclusion: a routine takes one row for update or for share, never an advisory lock (I28). Order: sql/README.md.';
comment on column ops.locks.lock_name is 'Name of the lock.';
comment on column ops.locks.purpose is 'What holding it means.';
insert into ops.locks (lock_name, purpose) values
('clock', 'moving the simulated clock'),
('market', 'writing market facts; a cycle takes it for share while it fixes what it may see'),
('orders', 'placing and releasing orders of any account'),
('kill', 'the kill row of I12: placing and releasing hold it for share, a kill takes it for update');

create table ops.kill_sources (
    source text not null check (source in ('row', 'file', 'loss', 'cvar', 'audit', 'orphan')),
    host text not null default '',
    reason text not null check (reason <> ''),
    engaged_by text not null,
    engaged_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (source, host)
);
comment on table ops.kill_sources is 'One row per engaged kill source and host: any row at all stops trading (I14, B7).';
comment on column ops.kill_sources.source is 'row: an operator or process; file: runtime/KILL_SWITCH; loss: 25 %; cvar: three breaches; audit: chain broken; orphan: an order nobody placed.';
comment on column ops.kill_sources.host is 'Reporting host for source file, else empty.';
comment on column ops.kill_sources.reason is 'Why, as given.';
comment on column ops.kill_sources.engaged_by is 'Login role that engaged it.';
comment on column ops.kill_sources.engaged_at is 'Instant by ops.now().';
comment on column ops.kill_sources.recorded_at is 'Wall instant.';

create table ops.kill_events (
    event_id bigint generated always as identity primary key,
    source text not null,
    host text not null,
    action text not null check (action in ('engage', 'clear')),
    reason text not null check (reason <> ''),
    actor text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table ops.kill_events is 'Append-only history of the kill switch, one row per engagement and clearing.';
comment on column ops.kill_events.event_id is 'Sequence of the event.';
comment on column ops.kill_events.source is 'Source as in ops.kill_sources.';
comment on column ops.kill_events.host is 'Reporting host for source file, else empty.';
comment on column ops.kill_events.action is 'engage or clear.';
comment on column ops.kill_events.reason is 'Why, as given.';
comment on column ops.kill_events.actor is 'Login role.';
comment on column ops.kill_events.occurred_at is 'Instant by ops.now().';
comment on column ops.kill_events.recorded_at is 'Wall instant.';

create table ops.heartbeats (
    process text not null,
    host text not null,
    pid integer not null,
    beat_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    detail jsonb not null default '{}'::jsonb,
    primary key (process, host, recorded_at)
);
comment on table ops.heartbeats is 'One row per process, host and beat.';
comment on column ops.heartbeats.process is 'cycle, sync, notify, daemon.';
comment on column ops.heartbeats.host is 'Host name.';
comment on column ops.heartbeats.pid is 'Process id on that host.';
comment on column ops.heartbeats.beat_at is 'Instant by ops.now().';
comment on column ops.heartbeats.recorded_at is 'Wall instant.';
comment on column ops.heartbeats.detail is 'What the process was doing, without secrets.';
