-- 0032 missed cycles: a session whose cycle should have run and did not is a row (I26).

create table decide.missed_cycles (
    account text not null references trade.accounts,
    as_of_session date not null,
    trade_session date not null,
    found_at timestamptz not null,
    found_by text not null default session_user,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (account, as_of_session)
);
comment on table decide.missed_cycles is
'One row per account and session as of which no close cycle had run when the next session opened (I26); append-only.';
comment on column decide.missed_cycles.account is 'Account.';
comment on column decide.missed_cycles.as_of_session is 'Session the cycle should have seen last.';
comment on column decide.missed_cycles.trade_session is 'Session its orders would have been for: open when this was found.';
comment on column decide.missed_cycles.found_at is 'Instant by ops.now().';
comment on column decide.missed_cycles.found_by is 'Login role.';
comment on column decide.missed_cycles.recorded_at is 'Wall instant.';
