-- 0029 market instants: recorded_at of what is written to the market only rises, whatever becomes of the wall clock. The last
-- instant given stands on the lock's own row.

alter table ops.locks add column last_instant timestamptz not null default '-infinity';
comment on column ops.locks.last_instant is
'market: the last recorded_at given to a fact (market.next_instant); -infinity on a lock that gives none.';

-- closed_at of a batch is recorded_at of what it brought.
update ops.locks as l
set last_instant = greatest(
        (select max(b.closed_at) from market.ingest_batches as b),
        (select max(o.recorded_at) from market.headline_opinions as o),
        '-infinity'
    )
where l.lock_name = 'market';

create index cycle_runs_recorded on decide.cycle_runs (recorded_before);

comment on column decide.cycle_runs.recorded_before is
'Instant of opening on the clock of recorded_at (market.next_instant): facts recorded later are not seen (ARCHITECTURE 2).';
comment on column market.corporate_actions.recorded_at is 'Instant of storage: the wall clock, never before one given earlier.';

-- Last, and apart from the rest: a volume that is no number has a reason of its own.
comment on column market.quarantined_bars.reason is
'NON_SESSION, FUTURE_SESSION, NULL_PRICE, NON_FINITE, NON_POSITIVE, HIGH_BELOW_LOW, OUTSIDE_RANGE, NEGATIVE_VOLUME, '
'NON_FINITE_VOLUME (NON_FINITE in rows from before 0029), DUPLICATE_CONFLICT.';
