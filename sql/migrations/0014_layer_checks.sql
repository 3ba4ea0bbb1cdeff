-- 0014 layer checks: the eleven layers asked again when a basket is placed and when an order is released.

alter table govern.layers add column stops text[] not null default '{increase,reduce}'
check (stops <@ array['increase', 'reduce', 'protective_stop', 'liquidation']);
comment on column govern.layers.stops is
'Classes of order (govern.order_classes) that are neither placed nor released while the layer refuses. No protective stop and no '
'approved liquidation: what makes the book safer must stay possible (ruling B5).';
alter table govern.layers add column clears boolean not null default true;
comment on column govern.layers.clears is
'True: it may pass again before the trade session is over, so what it refuses at release waits; false: it judges what is '
'stored, so what it refuses ends refused.';
update govern.layers set clears = false where layer in (3, 4, 5, 6);
-- A trade that lowers risk passes its limits (ruling A12), else the fund could not de-risk.
update govern.layers set stops = '{increase}' where layer = 6;

create table decide.layer_checks (
    check_id bigint generated always as identity primary key,
    cycle_id text not null,
    run integer not null,
    account text not null references trade.accounts,
    phase text not null check (phase in ('place', 'release')),
    refused integer[] not null,
    verdicts jsonb not null check (jsonb_typeof(verdicts) = 'array'),
    decided_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    foreign key (cycle_id, run) references decide.cycle_runs
);
comment on table decide.layer_checks is
'One row per run and asking of its layers after the gate: at placing, and at release when a verdict changed since the last.';
comment on column decide.layer_checks.check_id is 'Sequence.';
comment on column decide.layer_checks.cycle_id is 'Cycle.';
comment on column decide.layer_checks.run is 'Run whose orders are placed or released.';
comment on column decide.layer_checks.account is 'Account.';
comment on column decide.layer_checks.phase is
'place: layers 1 to 9, in the transaction that writes the orders; release: all eleven, in the one that lets them leave.';
comment on column decide.layer_checks.refused is 'Layers that refused; empty: every class of order may pass.';
comment on column decide.layer_checks.verdicts is 'The verdicts (govern.verdict), in the order of their layers.';
comment on column decide.layer_checks.decided_at is 'Instant by ops.now().';
comment on column decide.layer_checks.recorded_at is 'Wall instant.';

create index layer_checks_run on decide.layer_checks (cycle_id, run, phase, check_id desc);
