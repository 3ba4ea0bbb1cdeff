-- 0004 govern: the pinned configuration, the limits made from it, the eleven layers.

create table govern.config_versions (
    config_sha256 text primary key check (config_sha256 ~ '^[0-9a-f]{64}$'),
    body bytea not null,
    parsed jsonb not null,
    recorded_at timestamptz not null default clock_timestamp(),
    recorded_by text not null default session_user
);
comment on table govern.config_versions is 'One row per golden configuration ever pinned, byte for byte; never changed.';
comment on column govern.config_versions.config_sha256 is 'SHA-256 of the file''s bytes, hexadecimal.';
comment on column govern.config_versions.body is 'The file.';
comment on column govern.config_versions.parsed is 'Its validated content.';
comment on column govern.config_versions.recorded_at is 'Wall instant.';
comment on column govern.config_versions.recorded_by is 'Login role.';

create table govern.config_pins (
    pin_id bigint generated always as identity primary key,
    config_sha256 text not null references govern.config_versions,
    reason text not null check (reason <> ''),
    pinned_by text not null default session_user,
    pinned_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table govern.config_pins is 'One row per pinning, append-only: the newest is the configuration in force; a cycle or release under any other is refused (I20).';
comment on column govern.config_pins.pin_id is 'Sequence of the pinning.';
comment on column govern.config_pins.config_sha256 is 'Configuration pinned.';
comment on column govern.config_pins.reason is 'Why.';
comment on column govern.config_pins.pinned_by is 'Login role.';
comment on column govern.config_pins.pinned_at is 'Instant by ops.now().';
comment on column govern.config_pins.recorded_at is 'Wall instant.';

create table govern.limits (
    limit_name text not null,
    version integer not null check (version > 0),
    config_sha256 text not null references govern.config_versions,
    threshold double precision not null check (threshold >= 0 and threshold < 'Infinity'),
    bound text not null check (bound in ('upper', 'lower')),
    unit text not null,
    action text not null,
    source text not null check (source in ('file', 'tightened')),
    ruling text not null,
    reason text not null check (reason <> ''),
    author text not null default session_user,
    effective_from timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (limit_name, version)
);
comment on table govern.limits is 'One row per limit and version: what SQL enforces, made from the golden configuration (I20). The effective limit is the stricter of the pinned file''s row and later tightened ones.';
comment on column govern.limits.limit_name is 'Name, e.g. name_concentration.';
comment on column govern.limits.version is '1, 2, … per limit.';
comment on column govern.limits.config_sha256 is 'Configuration it was made from or tightened under.';
comment on column govern.limits.threshold is 'Number of the limit, in unit.';
comment on column govern.limits.bound is 'upper: observed <= threshold passes; lower: observed >= threshold passes.';
comment on column govern.limits.unit is 'fraction_of_nav, usd, count, sessions, score.';
comment on column govern.limits.action is 'What a breach does: SCALE, REJECT, FREEZE, KILL_SWITCH, BLOCK.';
comment on column govern.limits.source is 'file: made from the golden configuration; tightened: a stricter row by an operator.';
comment on column govern.limits.ruling is 'Ruling of NUMERICS or INVARIANTS it implements.';
comment on column govern.limits.reason is 'Why this version exists.';
comment on column govern.limits.author is 'Login role.';
comment on column govern.limits.effective_from is 'Instant by ops.now().';
comment on column govern.limits.recorded_at is 'Wall instant.';

create table govern.layers (
    layer integer primary key check (layer between 1 and 11),
    layer_name text not null unique,
    built boolean not null,
    exit_code integer not null,
    description text not null
);
comment on table govern.layers is 'One row per governance layer.';
comment on column govern.layers.layer is 'Number of the layer.';
comment on column govern.layers.layer_name is 'Name of the layer.';
comment on column govern.layers.built is 'False while its issue is open: its verdict is NOT_BUILT, allowed in paper and shadow, refusing in live.';
comment on column govern.layers.exit_code is 'Exit code of the runner when it refuses.';
comment on column govern.layers.description is 'What it decides.';

insert into govern.layers (layer, layer_name, built, exit_code, description) values
(1, 'kill switch', true, 11, 'no kill source is engaged'),
(2, 'data governance', true, 13, 'symbols are classified for this as-of session and at least one is ACTIVE'),
(3, 'history', true, 13, 'at least one ACTIVE symbol has the required distinct valid sessions, recounted by the gate'),
(4, 'data quality', true, 13, 'quality scores and features are complete, finite, fresh, one row per symbol'),
(5, 'signal validation', true, 10, 'at least one symbol has a valid agent'),
(6, 'risk limits', true, 10, 'every limit was evaluated on known numbers'),
(7, 'circuit breakers', false, 10, 'three-tier breakers'),
(8, 'CVaR persistence', false, 11, 'three consecutive CVaR breaches engage the kill switch'),
(9, 'recovery', false, 10, 'cooldown and ramp after a freeze'),
(10, 'audit trail', true, 15, 'every active symbol has its decision of fifteen fields and the audit head is intact'),
(11, 'alerting', true, 10, 'alerts are queued in the outbox');
