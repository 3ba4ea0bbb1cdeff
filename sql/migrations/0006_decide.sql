-- 0006 decide: cycles and their runs, what they saw, what they decided and why.

create table decide.cycles (
    cycle_id text primary key check (cycle_id ~ '^[0-9a-f]{32}$'),
    account text not null references trade.accounts,
    mode text not null check (mode in ('paper', 'live', 'shadow')),
    strategy text not null,
    as_of_session date not null,
    slot text not null,
    config_sha256 text not null references govern.config_versions,
    as_of timestamptz not null,
    trade_session date not null,
    created_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    unique (account, mode, strategy, as_of_session, slot, config_sha256)
);
comment on table decide.cycles is 'One row per cycle: its key is (account, mode, strategy, as-of session, slot, configuration).';
comment on column decide.cycles.cycle_id is 'First 32 hexadecimal digits of the SHA-256 of its key: the same on every machine.';
comment on column decide.cycles.account is 'Account.';
comment on column decide.cycles.mode is 'paper, live or shadow.';
comment on column decide.cycles.strategy is 'Strategy of the golden configuration.';
comment on column decide.cycles.as_of_session is 'Last session it may see.';
comment on column decide.cycles.slot is 'close, or the exchange time of an intraday trigger.';
comment on column decide.cycles.config_sha256 is 'Configuration.';
comment on column decide.cycles.as_of is 'Close of the as-of session plus the provider delay.';
comment on column decide.cycles.trade_session is 'Session its orders are for.';
comment on column decide.cycles.created_at is 'Instant of the first run by ops.now().';
comment on column decide.cycles.recorded_at is 'Wall instant.';

create table decide.cycle_runs (
    cycle_id text not null references decide.cycles,
    run integer not null check (run > 0),
    account text not null references trade.accounts,
    state text not null check (state in ('OPEN', 'DONE', 'HALTED', 'FAILED')),
    layer integer references govern.layers,
    reason text,
    exit_code integer,
    opened_at timestamptz not null,
    recorded_before timestamptz not null,
    lease_until timestamptz not null,
    closed_at timestamptz,
    closed_recorded_at timestamptz,
    host text not null,
    pid integer not null,
    code_version text not null,
    versions jsonb not null,
    inputs_sha256 text,
    summary jsonb not null default '{}'::jsonb,
    primary key (cycle_id, run),
    check (state = 'OPEN' or (reason is not null and closed_at is not null))
);
comment on table decide.cycle_runs is 'One row per run of a cycle: OPEN, then exactly one of DONE, HALTED, FAILED (I26). At most one run is ever DONE.';
comment on column decide.cycle_runs.cycle_id is 'Cycle.';
comment on column decide.cycle_runs.run is '1, 2, ….';
comment on column decide.cycle_runs.account is 'Account.';
comment on column decide.cycle_runs.state is 'State of the run.';
comment on column decide.cycle_runs.layer is 'Layer that halted it.';
comment on column decide.cycle_runs.reason is 'Why it ended, machine-readable.';
comment on column decide.cycle_runs.exit_code is 'Exit code of the runner.';
comment on column decide.cycle_runs.opened_at is 'Instant by ops.now().';
comment on column decide.cycle_runs.recorded_before is 'Wall instant of opening: facts recorded later are not seen (ARCHITECTURE section 2, Time).';
comment on column decide.cycle_runs.lease_until is 'Wall instant after which another may close it as FAILED.';
comment on column decide.cycle_runs.closed_at is 'Instant of closing by ops.now().';
comment on column decide.cycle_runs.closed_recorded_at is 'Wall instant of closing.';
comment on column decide.cycle_runs.host is 'Host that ran it.';
comment on column decide.cycle_runs.pid is 'Process id there.';
comment on column decide.cycle_runs.code_version is 'Version and commit of the runner (I32).';
comment on column decide.cycle_runs.versions is 'Versions of Python, libraries, schema and dbt project (I32).';
comment on column decide.cycle_runs.inputs_sha256 is 'Digest of decide.cycle_inputs of the run (I18).';
comment on column decide.cycle_runs.summary is 'Counts and portfolio factors of the run.';

create unique index cycle_runs_done on decide.cycle_runs (cycle_id) where state = 'DONE';
create unique index cycle_runs_open on decide.cycle_runs (account) where state = 'OPEN';

create table decide.gate_verdicts (
    cycle_id text not null,
    run integer not null,
    account text not null references trade.accounts,
    layer integer not null references govern.layers,
    verdict text not null check (verdict in ('PASS', 'REFUSE', 'NOT_BUILT')),
    reason_code text not null,
    evidence jsonb not null,
    decided_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (cycle_id, run, layer),
    foreign key (cycle_id, run) references decide.cycle_runs
);
comment on table decide.gate_verdicts is 'One row per run and governance layer 1-11.';
comment on column decide.gate_verdicts.cycle_id is 'Cycle.';
comment on column decide.gate_verdicts.run is 'Run.';
comment on column decide.gate_verdicts.account is 'Account.';
comment on column decide.gate_verdicts.layer is 'Layer.';
comment on column decide.gate_verdicts.verdict is 'PASS, REFUSE or NOT_BUILT.';
comment on column decide.gate_verdicts.reason_code is 'Machine-readable reason; NOT_REACHED where an earlier layer refused.';
comment on column decide.gate_verdicts.evidence is 'Numbers the verdict rests on.';
comment on column decide.gate_verdicts.decided_at is 'Instant by ops.now().';
comment on column decide.gate_verdicts.recorded_at is 'Wall instant.';

create table decide.cycle_inputs (
    cycle_id text not null,
    run integer not null,
    account text not null references trade.accounts,
    symbol text not null references ref.instruments,
    in_universe boolean not null,
    sector text not null,
    asset_class text not null,
    shortable boolean not null,
    governance_state text not null check (governance_state in ('ACTIVE', 'DEGRADED', 'QUARANTINED')),
    governance_reasons text[] not null,
    data_quality_score double precision not null check (data_quality_score between 0 and 1),
    provider_confidence double precision not null check (provider_confidence between 0 and 1),
    valid_sessions integer not null check (valid_sessions >= 0),
    last_session date,
    last_close double precision,
    price_kind text not null,
    price_basis text not null,
    features jsonb not null,
    primary key (cycle_id, run, symbol),
    foreign key (cycle_id, run) references decide.cycle_runs
);
comment on table decide.cycle_inputs is 'One row per run and active symbol: what the gate copied and checked; the runner and replay read nothing else of dbt.';
comment on column decide.cycle_inputs.cycle_id is 'Cycle.';
comment on column decide.cycle_inputs.run is 'Run.';
comment on column decide.cycle_inputs.account is 'Account.';
comment on column decide.cycle_inputs.symbol is 'Instrument.';
comment on column decide.cycle_inputs.in_universe is 'In the universe on the as-of session; false: held only.';
comment on column decide.cycle_inputs.sector is 'Sector on that session.';
comment on column decide.cycle_inputs.asset_class is 'Asset class.';
comment on column decide.cycle_inputs.shortable is 'Whether it may be sold short.';
comment on column decide.cycle_inputs.governance_state is 'The stricter of dbt''s verdict and the gate''s own recount.';
comment on column decide.cycle_inputs.governance_reasons is 'Why it is not ACTIVE; empty for ACTIVE.';
comment on column decide.cycle_inputs.data_quality_score is 'Score of ruling F1; 0 for a symbol without bars.';
comment on column decide.cycle_inputs.provider_confidence is 'Ruling D11.';
comment on column decide.cycle_inputs.valid_sessions is 'Distinct valid sessions, recounted by the gate.';
comment on column decide.cycle_inputs.last_session is 'Session of its last bar.';
comment on column decide.cycle_inputs.last_close is 'Last close, on price_basis.';
comment on column decide.cycle_inputs.price_kind is 'ohlcv or close.';
comment on column decide.cycle_inputs.price_basis is 'raw, split_adjusted or fully_adjusted.';
comment on column decide.cycle_inputs.features is 'The as-of row of features.features, name to number; missing where NULL.';

create table decide.model_outputs (
    cycle_id text not null,
    run integer not null,
    account text not null references trade.accounts,
    symbol text not null references ref.instruments,
    agent text not null,
    score double precision check (score between -3 and 3),
    mu double precision check (mu between -1 and 1),
    sigma double precision check (sigma > 0 and sigma < 'Infinity'),
    confidence double precision check (confidence between 0 and 1),
    abstained boolean not null,
    reasons jsonb not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (cycle_id, run, symbol, agent),
    foreign key (cycle_id, run) references decide.cycle_runs,
    check (abstained = (score is null) and abstained = (mu is null) and abstained = (confidence is null))
);
comment on table decide.model_outputs is 'One row per run, symbol and agent: its view, or its abstention with the reason.';
comment on column decide.model_outputs.cycle_id is 'Cycle.';
comment on column decide.model_outputs.run is 'Run.';
comment on column decide.model_outputs.account is 'Account.';
comment on column decide.model_outputs.symbol is 'Instrument.';
comment on column decide.model_outputs.agent is 'Agent.';
comment on column decide.model_outputs.score is 'Standardised view z.';
comment on column decide.model_outputs.mu is 'Annual expected excess return, fraction (ruling D5).';
comment on column decide.model_outputs.sigma is 'Annual volatility, fraction.';
comment on column decide.model_outputs.confidence is 'Confidence.';
comment on column decide.model_outputs.abstained is 'True where it gave no view: the numbers are NULL.';
comment on column decide.model_outputs.reasons is 'Its reasons, machine-readable.';
comment on column decide.model_outputs.recorded_at is 'Wall instant.';

create table decide.decisions (
    cycle_id text not null,
    symbol text not null references ref.instruments,
    "timestamp" timestamptz not null,
    final_decision text not null check (final_decision in ('EXECUTE_BUY', 'EXECUTE_SELL', 'HOLD', 'REJECT')),
    position_size double precision not null check (position_size > '-Infinity' and position_size < 'Infinity'),
    stop_loss double precision check (stop_loss > 0 and stop_loss < 'Infinity'),
    reason_codes jsonb not null check (jsonb_typeof(reason_codes) = 'array' and jsonb_array_length(reason_codes) > 0),
    mu_hat double precision check (mu_hat > '-Infinity' and mu_hat < 'Infinity'),
    sigma_hat double precision check (sigma_hat > 0 and sigma_hat < 'Infinity'),
    conviction double precision check (conviction > '-Infinity' and conviction < 'Infinity'),
    data_quality_score double precision not null check (data_quality_score between 0 and 1),
    provider_confidence double precision not null check (provider_confidence between 0 and 1),
    agent_results jsonb not null,
    risk_checks jsonb not null,
    metadata jsonb not null,
    account text not null references trade.accounts,
    run integer not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (cycle_id, run, symbol),
    foreign key (cycle_id, run) references decide.cycle_runs
);
comment on table decide.decisions is 'One row per run and active symbol: the fifteen fields of the specification, in its order, and where they belong.';
comment on column decide.decisions.cycle_id is 'Field 1: cycle.';
comment on column decide.decisions.symbol is 'Field 2: instrument.';
comment on column decide.decisions."timestamp" is 'Field 3: the cycle''s as_of, equal on every machine.';
comment on column decide.decisions.final_decision is 'Field 4: outcome.';
comment on column decide.decisions.position_size is 'Field 5: target weight, signed fraction of NAV; HOLD and REJECT: the held weight.';
comment on column decide.decisions.stop_loss is 'Field 6: stop price, listing currency (ruling D14).';
comment on column decide.decisions.reason_codes is 'Field 7: machine-readable reasons, at least one.';
comment on column decide.decisions.mu_hat is 'Field 8: annual expected excess return.';
comment on column decide.decisions.sigma_hat is 'Field 9: annual volatility.';
comment on column decide.decisions.conviction is 'Field 10: mu_hat / sigma_hat.';
comment on column decide.decisions.data_quality_score is 'Field 11: score of ruling F1; 0 without bars.';
comment on column decide.decisions.provider_confidence is 'Field 12: ruling D11.';
comment on column decide.decisions.agent_results is 'Field 13: the views heard.';
comment on column decide.decisions.risk_checks is 'Field 14: the limits that touched it.';
comment on column decide.decisions.metadata is 'Field 15: every factor from score to weight.';
comment on column decide.decisions.account is 'Account.';
comment on column decide.decisions.run is 'Run of the cycle.';
comment on column decide.decisions.recorded_at is 'Wall instant.';

create table decide.risk_checks (
    cycle_id text not null,
    run integer not null,
    check_number integer not null check (check_number > 0),
    account text not null references trade.accounts,
    limit_name text not null,
    symbol text references ref.instruments,
    observed double precision check (observed > '-Infinity' and observed < 'Infinity'),
    threshold double precision not null,
    action text not null check (action in ('ALLOW', 'SCALE', 'REJECT', 'FREEZE', 'LIQUIDATE', 'RECOVERY', 'KILL_SWITCH')),
    factor double precision not null check (factor between 0 and 1),
    binding boolean not null,
    reason text not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (cycle_id, run, check_number),
    foreign key (cycle_id, run) references decide.cycle_runs
);
comment on table decide.risk_checks is 'One row per run and evaluated limit, passed ones too.';
comment on column decide.risk_checks.cycle_id is 'Cycle.';
comment on column decide.risk_checks.run is 'Run.';
comment on column decide.risk_checks.check_number is 'Order of evaluation.';
comment on column decide.risk_checks.account is 'Account.';
comment on column decide.risk_checks.limit_name is 'Limit.';
comment on column decide.risk_checks.symbol is 'Symbol it was evaluated for; NULL: the portfolio.';
comment on column decide.risk_checks.observed is 'Number observed; NULL where the data do not support one, which breaches.';
comment on column decide.risk_checks.threshold is 'Number of the limit.';
comment on column decide.risk_checks.action is 'What was done.';
comment on column decide.risk_checks.factor is 'Scale applied, 1 for none.';
comment on column decide.risk_checks.binding is 'True where it changed something.';
comment on column decide.risk_checks.reason is 'Why, machine-readable.';
comment on column decide.risk_checks.recorded_at is 'Wall instant.';

create table decide.risk_states (
    cycle_id text not null,
    run integer not null,
    account text not null references trade.accounts,
    as_of_session date not null,
    slot text not null,
    state text not null check (state in ('ALLOW', 'SCALE', 'REJECT', 'FREEZE', 'LIQUIDATE', 'RECOVERY', 'KILL')),
    var_95 double precision,
    cvar_95 double precision,
    cvar_post_trade double precision,
    drawdown double precision,
    gross double precision not null,
    net double precision not null,
    reject_sessions_left integer not null check (reject_sessions_left >= 0),
    factors jsonb not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (cycle_id, run),
    foreign key (cycle_id, run) references decide.cycle_runs
);
comment on table decide.risk_states is 'One row per run that is DONE: the account''s risk state after it (I19).';
comment on column decide.risk_states.cycle_id is 'Cycle.';
comment on column decide.risk_states.run is 'Run.';
comment on column decide.risk_states.account is 'Account.';
comment on column decide.risk_states.as_of_session is 'Session.';
comment on column decide.risk_states.slot is 'Slot of the cycle; counters move with close only.';
comment on column decide.risk_states.state is 'Most severe state (ruling B5).';
comment on column decide.risk_states.var_95 is 'One-day 95 % VaR of the target weights, fraction of NAV; NULL: not supported by the data.';
comment on column decide.risk_states.cvar_95 is 'One-day 95 % CVaR of the target weights, fraction of NAV.';
comment on column decide.risk_states.cvar_post_trade is 'CVaR of the book that would stand after the released changes (ruling B6).';
comment on column decide.risk_states.drawdown is 'From the tactical mark, fraction.';
comment on column decide.risk_states.gross is 'Sum of absolute target weights.';
comment on column decide.risk_states.net is 'Sum of target weights.';
comment on column decide.risk_states.reject_sessions_left is 'Sessions left of an open drawdown window, in which nothing may increase exposure (ruling A6).';
comment on column decide.risk_states.factors is 'Every scalar and factor of the run.';
comment on column decide.risk_states.recorded_at is 'Wall instant.';

create index risk_states_account on decide.risk_states (account, as_of_session);

create table decide.symbol_states (
    cycle_id text not null,
    run integer not null,
    account text not null references trade.accounts,
    symbol text not null references ref.instruments,
    entry_stop double precision check (entry_stop > 0 and entry_stop < 'Infinity'),
    stale_view_sessions integer not null check (stale_view_sessions >= 0),
    stopped_out_session date,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (cycle_id, run, symbol),
    foreign key (cycle_id, run) references decide.cycle_runs
);
comment on table decide.symbol_states is 'One row per run and symbol with memory: what the next cycle must remember of it (I19).';
comment on column decide.symbol_states.cycle_id is 'Cycle.';
comment on column decide.symbol_states.run is 'Run.';
comment on column decide.symbol_states.account is 'Account.';
comment on column decide.symbol_states.symbol is 'Instrument.';
comment on column decide.symbol_states.entry_stop is 'Stop fixed at entry, tightened only (ruling D14).';
comment on column decide.symbol_states.stale_view_sessions is 'Sessions held without a valid agent (ruling W2).';
comment on column decide.symbol_states.stopped_out_session is 'Session of the last stop-out: no re-entry for five sessions.';
comment on column decide.symbol_states.recorded_at is 'Wall instant.';

alter table trade.orders add foreign key (cycle_id, run) references decide.cycle_runs;
