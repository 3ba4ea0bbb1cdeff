-- 0008 gate: the type of a layer's verdict, what the gate found when it read dbt's relations, and the scope of a risk check.

create type govern.verdict as (
    layer integer,
    layer_name text,
    verdict text,
    reason_code text,
    evidence jsonb,
    exit_code integer
);
comment on type govern.verdict is
'What a governance layer decided: PASS, REFUSE or NOT_BUILT, why, the numbers it rests on, and the runner''s exit code (0 unless it refuses by itself).';

create table decide.relation_reads (
    cycle_id text not null,
    run integer not null,
    account text not null references trade.accounts,
    relation text not null check (relation in ('quality.symbol_governance', 'quality.data_quality', 'features.features')),
    row_count integer not null check (row_count >= 0),
    reason text,
    detail text,
    rows_sha256 text check (rows_sha256 ~ '^[0-9a-f]{64}$'),
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (cycle_id, run, relation),
    foreign key (cycle_id, run) references decide.cycle_runs,
    check ((reason is null) = (rows_sha256 is not null))
);
comment on table decide.relation_reads is 'One row per run and dbt relation: what the gate found when it read it (I18).';
comment on column decide.relation_reads.cycle_id is 'Cycle.';
comment on column decide.relation_reads.run is 'Run.';
comment on column decide.relation_reads.account is 'Account.';
comment on column decide.relation_reads.relation is 'Relation of dbt.';
comment on column decide.relation_reads.row_count is 'Rows of the as-of session, 0 where it was refused unread.';
comment on column decide.relation_reads.reason is 'Why the relation as a whole was refused, machine-readable; NULL: it was used.';
comment on column decide.relation_reads.detail is 'What exactly was wrong, key=value.';
comment on column decide.relation_reads.rows_sha256 is 'SHA-256 of the rows read, in symbol order, hexadecimal.';
comment on column decide.relation_reads.recorded_at is 'Wall instant.';

alter table decide.risk_checks add column scope text not null default 'portfolio' check (scope <> '');
comment on column decide.risk_checks.scope is 'What it was evaluated for: portfolio, symbol, or sector:NAME.';

alter table decide.cycle_inputs add column classified_state text check (classified_state in ('ACTIVE', 'DEGRADED', 'QUARANTINED'));
comment on column decide.cycle_inputs.classified_state is 'What dbt said, before the gate took the stricter verdict; NULL where it said nothing readable.';
