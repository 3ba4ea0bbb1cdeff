-- 0017 change control: people as login roles, changes that take two of them, the resumption after a kill, and which numbers a
-- run was decided under.

create table ops.resumptions (
    resumption_id bigint generated always as identity primary key,
    event_id bigint not null check (event_id >= 0),
    reason text not null check (reason <> ''),
    checklist jsonb not null,
    actor text not null default session_user,
    resumed_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table ops.resumptions is
'One row per resumption of trading, append-only: a kill lasts until one is newer than its last engagement (I15).';
comment on column ops.resumptions.resumption_id is 'Sequence.';
comment on column ops.resumptions.event_id is 'Last event of ops.kill_events it answers; a later engagement is a new kill.';
comment on column ops.resumptions.reason is 'Why it is safe, as given.';
comment on column ops.resumptions.checklist is 'What was asked and found, every item.';
comment on column ops.resumptions.actor is 'Login role.';
comment on column ops.resumptions.resumed_at is 'Instant by ops.now(): the ramp begins here.';
comment on column ops.resumptions.recorded_at is 'Wall instant.';
-- Kills from before this protocol that were cleared source by source stay cleared.
insert into ops.resumptions (event_id, reason, checklist, resumed_at)
select max(e.event_id), 'cleared before resumption was a protocol', '[]', max(e.occurred_at)
from ops.kill_events as e
having count(*) > 0 and not exists (select 1 from ops.kill_sources);

create table govern.operator_events (
    event_id bigint generated always as identity primary key,
    role_name text not null check (role_name ~ '^fund_operator_[a-z][a-z0-9]{0,30}$'),
    event text not null check (event in ('enrolled', 'retired')),
    reason text not null check (reason <> ''),
    actor text not null default session_user,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table govern.operator_events is
'One row per enrolment or retirement of a person, append-only: the newest of a role says whether it stands for one.';
comment on column govern.operator_events.event_id is 'Sequence.';
comment on column govern.operator_events.role_name is 'The person''s login role, a member of fund_operator and of nothing else.';
comment on column govern.operator_events.event is 'enrolled or retired.';
comment on column govern.operator_events.reason is 'Why.';
comment on column govern.operator_events.actor is 'Login role that did it: the deployer.';
comment on column govern.operator_events.occurred_at is 'Instant by ops.now().';
comment on column govern.operator_events.recorded_at is 'Wall instant.';

create table govern.change_requests (
    request_id bigint generated always as identity primary key,
    kind text not null check (kind in ('config', 'lift')),
    content jsonb not null check (jsonb_typeof(content) = 'object'),
    content_sha256 text not null check (content_sha256 ~ '^[0-9a-f]{64}$'),
    base_sha256 text not null check (base_sha256 ~ '^[0-9a-f]{64}$'),
    loosened text[] not null,
    reason text not null check (reason <> ''),
    author text not null default session_user,
    effective_from timestamptz not null check (isfinite(effective_from)),
    expires_at timestamptz not null check (isfinite(expires_at) and expires_at > effective_from),
    proposed_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table govern.change_requests is
'One row per proposed loosening, append-only: its exact content, which a second person approves or refuses (I20).';
comment on column govern.change_requests.request_id is 'Sequence; what `python -m runner approve` names.';
comment on column govern.change_requests.kind is
'config: a golden configuration to pin; lift: a tightened row of govern.limits that shall no longer count.';
comment on column govern.change_requests.content is
'config: {config_sha256, limits, parsed}; lift: {limit_name, version}. What is approved is this and nothing else.';
comment on column govern.change_requests.content_sha256 is 'SHA-256 of kind and content, hexadecimal.';
comment on column govern.change_requests.base_sha256 is
'govern.limits_sha256() when it was proposed: over other numbers the change would mean something else.';
comment on column govern.change_requests.loosened is 'Limits and parameters it loosens, or may loosen.';
comment on column govern.change_requests.reason is 'Why, as the author gave it.';
comment on column govern.change_requests.author is 'The author''s login role.';
comment on column govern.change_requests.effective_from is 'Instant by ops.now() before which it has no effect.';
comment on column govern.change_requests.expires_at is 'Instant by ops.now() after which it can be neither approved nor used.';
comment on column govern.change_requests.proposed_at is 'Instant by ops.now().';
comment on column govern.change_requests.recorded_at is 'Wall instant.';

create table govern.change_events (
    request_id bigint not null references govern.change_requests,
    event text not null check (event in ('approved', 'refused', 'withdrawn', 'applied')),
    reason text not null check (reason <> ''),
    actor text not null default session_user,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (request_id, event)
);
comment on table govern.change_events is 'One row per request and thing that happened to it, append-only.';
comment on column govern.change_events.request_id is 'Request.';
comment on column govern.change_events.event is
'approved or refused: by another person than the author; withdrawn: by anyone enrolled; applied: it took effect, once.';
comment on column govern.change_events.reason is 'Why, as given.';
comment on column govern.change_events.actor is 'Login role.';
comment on column govern.change_events.occurred_at is 'Instant by ops.now().';
comment on column govern.change_events.recorded_at is 'Wall instant.';

-- A request ends once: refused or withdrawn.
create unique index change_events_ended on govern.change_events (request_id) where event in ('refused', 'withdrawn');

create table govern.limit_lifts (
    limit_name text not null,
    version integer not null,
    request_id bigint not null unique references govern.change_requests,
    effective_from timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (limit_name, version),
    foreign key (limit_name, version) references govern.limits
);
comment on table govern.limit_lifts is 'One row per tightened row that two people have taken back, append-only.';
comment on column govern.limit_lifts.limit_name is 'Limit.';
comment on column govern.limit_lifts.version is 'Version of the tightened row.';
comment on column govern.limit_lifts.request_id is 'Request that was approved.';
comment on column govern.limit_lifts.effective_from is 'Instant by ops.now() from which the row no longer counts.';
comment on column govern.limit_lifts.recorded_at is 'Wall instant.';

create table govern.liquidation_approvals (
    approval_id bigint generated always as identity primary key,
    account text not null references trade.accounts,
    reason text not null check (reason <> ''),
    actor text not null default session_user,
    approved_at timestamptz not null,
    expires_at timestamptz not null check (isfinite(expires_at) and expires_at > approved_at),
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table govern.liquidation_approvals is
'One row per approval that an account''s positions be closed, append-only: what a liquidation leg demands (B5).';
comment on column govern.liquidation_approvals.approval_id is 'Sequence.';
comment on column govern.liquidation_approvals.account is 'Account.';
comment on column govern.liquidation_approvals.reason is 'Why, as given.';
comment on column govern.liquidation_approvals.actor is 'Login role of the operator.';
comment on column govern.liquidation_approvals.approved_at is 'Instant by ops.now().';
comment on column govern.liquidation_approvals.expires_at is 'Instant by ops.now() from which it no longer counts.';
comment on column govern.liquidation_approvals.recorded_at is 'Wall instant.';

create table govern.limit_sets (
    limits_sha256 text primary key check (limits_sha256 ~ '^[0-9a-f]{64}$'),
    config_sha256 text not null references govern.config_versions,
    limits jsonb not null,
    recorded_at timestamptz not null default clock_timestamp()
);
comment on table govern.limit_sets is
'One row per set of limits a run was decided under, known by its digest; append-only.';
comment on column govern.limit_sets.limits_sha256 is 'SHA-256 of the configuration''s hash and the limits, hexadecimal.';
comment on column govern.limit_sets.config_sha256 is 'Configuration it belongs to.';
comment on column govern.limit_sets.limits is 'Name to {threshold, bound, source, version}, as govern.effective_limits had it.';
comment on column govern.limit_sets.recorded_at is 'Wall instant of the first run under it.';

alter table decide.cycle_runs
-- A new column without values: there is nothing to validate.
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
add column limits_sha256 text references govern.limit_sets;
comment on column decide.cycle_runs.limits_sha256 is
'Limits in force when the run opened (I20, I24); NULL for runs from before they were kept.';

alter table govern.config_pins
-- The same.
-- squawk-ignore adding-foreign-key-constraint, constraint-missing-not-valid
add column request_id bigint references govern.change_requests;
comment on column govern.config_pins.request_id is 'Request that two people agreed on, where it loosened something.';

create table govern.parameter_directions (
    path text primary key check (path ~ '^[a-z_]+\.[a-z_]+$'),
    stricter text not null check (stricter in ('lower', 'higher', 'false', 'any')),
    note text not null
);
comment on table govern.parameter_directions is
'One row per parameter of the golden configuration whose change need not be a loosening; a change of any other is one.';
comment on column govern.parameter_directions.path is 'section.key.';
comment on column govern.parameter_directions.stricter is
'lower, higher: the number that way is stricter; false: so is switching it off; any: no value lets more through.';
comment on column govern.parameter_directions.note is 'Why.';
insert into govern.parameter_directions (path, stricter, note)
select p.path, p.stricter, 'a limit of SQL: runner/config.py'
from (values
    ('oms.order_value', 'lower'), ('oms.basket_value', 'lower'), ('auction.name_cap', 'lower'),
    ('oms.open_orders_per_symbol', 'lower'), ('oms.daily_message_count', 'lower'), ('oms.repeated_execution_count', 'lower'),
    ('oms.price_collar', 'lower'), ('oms.lookups_before_repost', 'higher'), ('oms.lookup_wait_seconds', 'higher'),
    ('oms.request_retry_seconds', 'higher'), ('oms.snapshot_max_age_seconds', 'lower'), ('oms.position_tolerance', 'lower'),
    ('oms.cash_tolerance', 'lower'), ('oms.clock_skew_max_seconds', 'lower'), ('auction.gross_cap', 'lower'),
    ('auction.long_cap', 'lower'), ('auction.short_cap', 'lower'), ('auction.sector_cap', 'lower'),
    ('auction.turnover_cap', 'lower'), ('risk.var_limit', 'lower'), ('risk.cvar_decision', 'lower'), ('risk.cvar_hard', 'lower'),
    ('risk.drawdown_limit', 'lower'), ('risk.stress_limit', 'lower'), ('risk.correlation_limit', 'lower'),
    ('breakers.kill_loss', 'lower'), ('breakers.cvar_breaches_to_kill', 'lower'),
    ('breakers.kill_cooldown_minutes', 'higher'), ('breakers.freeze_sessions', 'higher'), ('data.min_quality', 'higher'),
    ('data.required_history_sessions', 'higher'), ('data.max_stale_sessions', 'lower'), ('meta_brain.min_confidence', 'higher')
) as p (path, stricter);
insert into govern.parameter_directions (path, stricter, note) values
('accounts.defaults', 'any', 'paper accounts to open; what one may do is the limits'' to say'),
('auction.allow_short', 'false', 'without shorts the book can do less'),
('breakers.liquidate_on_kill', 'false', 'a liquidation then takes an operator''s approval'),
('meta_brain.kelly_gamma', 'lower', 'smaller bets'),
('risk.volatility_target', 'lower', 'the breakers trip earlier'),
('risk.drawdown_reject_sessions', 'higher', 'a longer pause after a drawdown'),
('paper_broker.half_spread_bp', 'higher', 'costs assumed dearer'),
('paper_broker.fee_per_share', 'higher', 'costs assumed dearer'),
('paper_broker.fee_min', 'higher', 'costs assumed dearer'),
('paper_broker.sell_fee_bp', 'higher', 'costs assumed dearer'),
('paper_broker.impact_bp', 'higher', 'costs assumed dearer'),
('paper_broker.volume_share', 'lower', 'less of a session''s volume');

comment on table govern.config_versions is
'One row per golden configuration ever proposed or pinned, byte for byte; never changed.';
comment on column govern.limits.source is
'file: made from the golden configuration; tightened: a stricter row by an operator, until govern.limit_lifts takes it back.';
