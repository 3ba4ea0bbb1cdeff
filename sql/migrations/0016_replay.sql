-- 0016 replay: what a run read that cannot be read again, and digests of what can (I24).

create table decide.run_inputs (
    cycle_id text not null,
    run integer not null,
    account text not null references trade.accounts,
    input text not null check (input in (
        'decide.cycle_inputs', 'ref.benchmarks', 'trade.account_state', 'decide.load_state', 'govern.effective_limits',
        'market.panel', 'trade.place_orders'
    )),
    content jsonb not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (cycle_id, run, input),
    foreign key (cycle_id, run) references decide.cycle_runs
);
comment on table decide.run_inputs is
'One row per run and thing it read: the answer itself where it cannot be read again, else digests of it (I24). Append-only.';
comment on column decide.run_inputs.cycle_id is 'Cycle.';
comment on column decide.run_inputs.run is 'Run.';
comment on column decide.run_inputs.account is 'Account.';
comment on column decide.run_inputs.input is 'Relation or routine it was read from.';
comment on column decide.run_inputs.content is
'The answer. Of decide.cycle_inputs and market.panel: sha256 of all of it, and short digests by symbol and by field or session.';
comment on column decide.run_inputs.sha256 is 'SHA-256 of content, hexadecimal; the audit chain vouches for it.';
comment on column decide.run_inputs.recorded_at is 'Wall instant.';
