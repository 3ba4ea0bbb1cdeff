-- 0020 recovery: the recovery protocol as a table of transitions, its state in every risk state, re-bases of the tactical mark,
-- and what is remembered of the market's regime (A6, A7, B2-B11, C1-C5, I19).

-- The tables hold a row per session and run, and the new columns are empty: each scan and its lock are over at once.
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint, ban-drop-not-null

create table govern.risk_transitions (
    from_phase text not null check (from_phase in ('NORMAL', 'DRAWDOWN', 'FREEZE', 'RECOVERY')),
    precedence integer not null check (precedence > 0),
    event text not null check (event in (
        'resumed_in_breach', 'resumed', 'tier_three', 'served_in_breach', 'served', 'drawdown', 'breach', 'ramp_over', 'clean',
        'otherwise'
    )),
    to_phase text not null check (to_phase in ('NORMAL', 'DRAWDOWN', 'FREEZE', 'RECOVERY')),
    tier_rule text not null check (tier_rule in ('none', 'first', 'next', 'same')),
    begins boolean not null,
    rebases boolean not null,
    close_only boolean not null,
    meaning text not null check (meaning <> ''),
    primary key (from_phase, event),
    unique (from_phase, precedence),
    check (begins or to_phase = from_phase),
    check (rebases = (tier_rule = 'first')),
    check ((to_phase = 'RECOVERY') = (tier_rule <> 'none')),
    check ((event = 'otherwise') = (to_phase = from_phase and not begins and tier_rule in ('none', 'same')))
);
comment on table govern.risk_transitions is
'One row per phase of the recovery protocol and event that can move it: of the events that are true the one of lowest precedence '
'is the step, and there is no other way from phase to phase (A6, B4, B9-B11). What an event is: govern.risk_events.';
comment on column govern.risk_transitions.from_phase is
'Phase before. DRAWDOWN: the window of sessions in which nothing increases (A6); RECOVERY: the ramp.';
comment on column govern.risk_transitions.precedence is 'Which of several true events counts: the lowest.';
comment on column govern.risk_transitions.event is 'Event, as govern.risk_events names it; otherwise: none of the others.';
comment on column govern.risk_transitions.to_phase is 'Phase after.';
comment on column govern.risk_transitions.tier_rule is 'Tier of the ramp after: none (0), first (1), next, or the same.';
comment on column govern.risk_transitions.begins is 'True: the phase''s sessions are counted from this session.';
comment on column govern.risk_transitions.rebases is 'True: the tactical mark becomes the index of this session (A7).';
comment on column govern.risk_transitions.close_only is
'True: only a cycle of slot close takes it; other slots may only escalate.';
comment on column govern.risk_transitions.meaning is 'When it happens.';
insert into govern.risk_transitions
(from_phase, precedence, event, to_phase, tier_rule, begins, rebases, close_only, meaning) values
('NORMAL', 1, 'resumed_in_breach', 'FREEZE', 'none', true, false, false, 'resumed after a kill, on figures that are a breach'),
('NORMAL', 2, 'resumed', 'RECOVERY', 'first', true, true, false, 'resumed after a kill: the ramp begins'),
('NORMAL', 3, 'tier_three', 'FREEZE', 'none', true, false, false, 'drawdown and volatility above their limits'),
('NORMAL', 4, 'drawdown', 'DRAWDOWN', 'none', true, false, false, 'drawdown above its limit: the window opens'),
('NORMAL', 5, 'otherwise', 'NORMAL', 'none', false, false, false, 'nothing happened'),
('DRAWDOWN', 1, 'resumed_in_breach', 'FREEZE', 'none', true, false, false, 'resumed after a kill, on figures that are a breach'),
('DRAWDOWN', 2, 'resumed', 'RECOVERY', 'first', true, true, false, 'resumed after a kill: the ramp begins'),
('DRAWDOWN', 3, 'tier_three', 'FREEZE', 'none', true, false, false, 'volatility rose above its limit, too'),
('DRAWDOWN', 4, 'served_in_breach', 'FREEZE', 'none', true, false, true, 'the window is over, on figures that are a breach'),
('DRAWDOWN', 5, 'served', 'RECOVERY', 'first', true, true, true, 'the window is over: the ramp begins'),
('DRAWDOWN', 6, 'otherwise', 'DRAWDOWN', 'none', false, false, false, 'the window stands, whatever the drawdown does'),
('FREEZE', 1, 'resumed_in_breach', 'FREEZE', 'none', true, false, false, 'resumed after a kill, on figures that are a breach'),
('FREEZE', 2, 'resumed', 'RECOVERY', 'first', true, true, false, 'resumed after a kill: the ramp begins'),
('FREEZE', 3, 'served_in_breach', 'FREEZE', 'none', true, false, true, 'the freeze is over, on figures that are a breach: anew'),
('FREEZE', 4, 'served', 'RECOVERY', 'first', true, true, true, 'the freeze is over: the ramp begins'),
('FREEZE', 5, 'otherwise', 'FREEZE', 'none', false, false, false, 'the freeze stands'),
('RECOVERY', 1, 'resumed_in_breach', 'FREEZE', 'none', true, false, false, 'resumed after a kill, on figures that are a breach'),
('RECOVERY', 2, 'resumed', 'RECOVERY', 'first', true, true, false, 'resumed after a kill: the ramp begins anew'),
('RECOVERY', 3, 'breach', 'FREEZE', 'none', true, false, false, 'a breach on the ramp'),
('RECOVERY', 4, 'ramp_over', 'NORMAL', 'none', true, false, true, 'a clean session on the last tier'),
('RECOVERY', 5, 'clean', 'RECOVERY', 'next', false, false, true, 'a clean session'),
('RECOVERY', 6, 'otherwise', 'RECOVERY', 'same', false, false, false, 'an intraday cycle without a breach');

create type govern.protocol_states as (
    phase text,
    sessions integer,
    tier integer,
    cvar_breaches integer,
    resumed boolean
);
comment on type govern.protocol_states is
'Where an account stands in the recovery protocol when a cycle begins: phase, sessions since it began, tier of the ramp, CVaR '
'breaches in a row, whether trading was resumed after a kill since the last cycle.';

create type govern.protocol_facts as (
    drawdown double precision,
    volatility double precision,
    var double precision,
    cvar double precision
);
comment on type govern.protocol_facts is
'What the protocol looks at: drawdown from the tactical mark, volatility (B1), VaR of the target, CVaR of the book that would '
'stand (B6). NULL is unknown, and above every limit (I17).';

create type govern.protocol_numbers as (
    drawdown_limit double precision,
    drawdown_sessions double precision,
    volatility_target double precision,
    volatility_multiple double precision,
    var_limit double precision,
    var_multiple double precision,
    cvar_limit double precision,
    freeze_sessions double precision,
    tiers integer
);
comment on type govern.protocol_numbers is
'Limits in force that the protocol compares with; NULL where one is missing: breaches (I17).';

create type govern.protocol_steps as (
    event text,
    phase text,
    sessions integer,
    tier integer,
    cvar_breaches integer,
    rebased boolean
);
comment on type govern.protocol_steps is 'A step of the protocol: the event that counted and the state after it.';

alter table decide.risk_states
    alter column reject_sessions_left drop not null,
    add column phase text check (phase in ('NORMAL', 'DRAWDOWN', 'FREEZE', 'RECOVERY')),
    add column phase_session date,
    add column tier integer check (tier >= 0),
    add column cvar_breaches integer check (cvar_breaches >= 0),
    add column rebased boolean,
    add column volatility double precision check (volatility >= 0 and volatility < 'Infinity'),
    add column figures jsonb,
    add constraint risk_states_protocol check (
        (
            case
                when phase is null then
                    reject_sessions_left is not null
                    and num_nonnulls(phase_session, tier, cvar_breaches, rebased, volatility, figures) = 0
                else
                    reject_sessions_left is null and phase_session <= as_of_session and cvar_breaches is not null
                    and (tier > 0) = (phase = 'RECOVERY') and (not rebased or tier = 1 and phase_session = as_of_session)
                    and jsonb_typeof(figures) = 'object' and jsonb_typeof(factors) = 'object'
                    and not jsonb_path_exists(figures, '$.* ? (@.type() != "number" && @.type() != "null")')
                    and not jsonb_path_exists(factors, '$.* ? (@.type() != "number" && @.type() != "null")')
            end
        ) is true
    );
comment on column decide.risk_states.reject_sessions_left is
'Sessions that were left of a drawdown window, in rows from before the protocol (phase NULL); the chain vouches for them so.';
comment on column decide.risk_states.phase is
'Phase of the recovery protocol after the run: NORMAL, DRAWDOWN (A6), FREEZE, RECOVERY; NULL in rows from before it.';
comment on column decide.risk_states.phase_session is 'Session the phase began on; its sessions are counted from there.';
comment on column decide.risk_states.tier is 'Tier of the ramp in RECOVERY, 1, 2, …; else 0.';
comment on column decide.risk_states.cvar_breaches is
'Sessions in a row whose DONE close cycle left a book above the hard CVaR limit (B6).';
comment on column decide.risk_states.rebased is
'Whether the ramp began with this run, on a tactical mark re-based to the NAV (A7).';
comment on column decide.risk_states.volatility is
'Annual, the larger of the NAV''s and the benchmark''s (B1); NULL: not supported by the data.';
comment on column decide.risk_states.figures is
'Further figures of the run, name to number or null: what the limits and the breakers were judged on.';
comment on column decide.risk_states.factors is
'Every scalar of the run, name to number or null; ramp: of the recovery tier; soft: what the target was multiplied by beside the '
'limit scalars (A15, B3).';
comment on column decide.risk_checks.scope is 'What it was evaluated for: portfolio, symbol, sector:NAME, or scenario:NAME.';

create table decide.regime_states (
    cycle_id text not null,
    run integer not null,
    account text not null references trade.accounts,
    as_of_session date not null,
    name text not null check (name in ('BULL_QUIET', 'BULL_VOLATILE', 'BEAR_QUIET', 'BEAR_CRISIS', 'UNCERTAIN')),
    method text not null check (method in ('hmm', 'percentile', 'none')),
    high_probability double precision check (high_probability between 0 and 1),
    percentile double precision check (percentile between 0 and 1),
    reason text not null,
    refitted boolean not null,
    fit jsonb check (
        (jsonb_typeof(fit) = 'object' and fit ->> 'sha256' ~ '^[0-9a-f]{64}$' and fit ->> 'session' ~ '^\d{4}-\d\d-\d\d$') is true
        or fit is null
    ),
    sessions_since_fit integer not null check (sessions_since_fit >= 0),
    volatility text not null check (volatility in ('LOW', 'HIGH', 'UNKNOWN')),
    volatility_sessions integer not null check (volatility_sessions >= 0),
    trend text not null check (trend in ('UP', 'DOWN', 'UNKNOWN')),
    trend_closes integer not null check (trend_closes >= 0),
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (cycle_id, run),
    foreign key (cycle_id, run) references decide.cycle_runs,
    check (not refitted or fit is not null)
);
comment on table decide.regime_states is
'One row per run: the market''s regime on its session and what the next session must remember of it (C1-C5).';
comment on column decide.regime_states.cycle_id is 'Cycle.';
comment on column decide.regime_states.run is 'Run.';
comment on column decide.regime_states.account is 'Account.';
comment on column decide.regime_states.as_of_session is 'Session.';
comment on column decide.regime_states.name is 'Regime.';
comment on column decide.regime_states.method is 'hmm; percentile: the fallback rule; none: neither could say (C5).';
comment on column decide.regime_states.high_probability is
'Filtered probability of the high volatility state; NULL without a fit.';
comment on column decide.regime_states.percentile is
'Of the benchmark''s volatility in its own history; NULL where it has too little.';
comment on column decide.regime_states.reason is
'Why it is UNCERTAIN or why the fallback spoke, machine-readable; empty otherwise.';
comment on column decide.regime_states.refitted is 'True: fit was made on this session.';
comment on column decide.regime_states.fit is
'Parameters of the last fit of the hidden Markov model, every digit, with their SHA-256; NULL before the first (C1).';
comment on column decide.regime_states.sessions_since_fit is 'Sessions since that fit.';
comment on column decide.regime_states.volatility is 'Volatility state after hysteresis (C2).';
comment on column decide.regime_states.volatility_sessions is 'Sessions it has stood.';
comment on column decide.regime_states.trend is 'Trend after hysteresis (C3).';
comment on column decide.regime_states.trend_closes is 'Closes in a row beyond the band on the other side.';
comment on column decide.regime_states.recorded_at is 'Wall instant.';

create index regime_states_account on decide.regime_states (account, as_of_session);

create table trade.mark_rebases (
    account text not null references trade.accounts,
    session date not null,
    nav_index double precision not null check (nav_index > 0 and nav_index < 'Infinity'),
    cycle_id text not null,
    run integer not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (account, session),
    foreign key (cycle_id, run) references decide.cycle_runs,
    foreign key (account, session) references trade.nav
);
comment on table trade.mark_rebases is
'One row per account and session on which a ramp began: from there on the tactical mark is counted anew (A7). Append-only.';
comment on column trade.mark_rebases.account is 'Account.';
comment on column trade.mark_rebases.session is 'Session whose index is the new mark.';
comment on column trade.mark_rebases.nav_index is 'That index.';
comment on column trade.mark_rebases.cycle_id is 'Cycle that began the ramp.';
comment on column trade.mark_rebases.run is 'Run of it, DONE.';
comment on column trade.mark_rebases.recorded_at is 'Wall instant.';

-- Layers 7 to 9 judge what is stored: what they refuse at release ends refused.
update govern.layers set built = true, clears = false where layer in (7, 8, 9);
update govern.layers set description = 'the state recorded is what the figures demand, tier two applied' where layer = 7;
update govern.layers set description = 'the phase is held: tier and scalar within the recovery ramp' where layer = 9;
comment on column govern.layers.built is
'False: its verdict was NOT_BUILT. No layer is any more; runs from before have that verdict in decide.gate_verdicts.';

insert into govern.parameter_directions (path, stricter, note) values
('breakers.tier_two_var_multiple', 'lower', 'a limit of SQL: runner/config.py'),
('breakers.tier_two_volatility_multiple', 'lower', 'a limit of SQL: runner/config.py'),
('breakers.tier_two_gross', 'lower', 'a limit of SQL: runner/config.py');
