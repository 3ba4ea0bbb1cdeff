-- 0034 alert deliveries: what became of each alert on each channel it is told through (I26, ruling F16).
create table notify.deliveries (
    alert_id bigint not null references notify.alerts,
    channel text not null check (channel ~ '^[a-z][a-z0-9_]{0,30}$'),
    state text not null check (state in ('WAITING', 'CLAIMED', 'SENT', 'SKIPPED')),
    skip_reason text,
    attempts integer not null default 0 check (attempts >= 0),
    claimed_by text,
    lease_until timestamptz,
    next_attempt_at timestamptz not null,
    last_error text,
    settled_at timestamptz,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (alert_id, channel),
    constraint deliveries_lease check ((state = 'CLAIMED') = (num_nonnulls(claimed_by, lease_until) = 2)),
    constraint deliveries_settled check ((state in ('SENT', 'SKIPPED')) = (settled_at is not null)),
    constraint deliveries_skipped check ((state = 'SKIPPED') = (skip_reason is not null))
);
comment on table notify.deliveries is
'One row per alert and channel, from when a sender first saw the alert for it: sent, waiting for its next attempt, or left out '
'and why.';
comment on column notify.deliveries.alert_id is 'The alert.';
comment on column notify.deliveries.channel is 'Where to: telegram, slack, discord.';
comment on column notify.deliveries.state is
'WAITING: for next_attempt_at; CLAIMED: a message with it may have left; SENT: the channel took it; SKIPPED: not to be sent '
'there.';
comment on column notify.deliveries.skip_reason is
'BELOW_LEVEL: less severe than the sender''s threshold then; BEFORE_CHANNEL: raised more than a day before the channel was first '
'used.';
comment on column notify.deliveries.attempts is 'Claims so far; the newest is the token its outcome is recorded with.';
comment on column notify.deliveries.claimed_by is 'Sender that has it, host:process; NULL otherwise.';
comment on column notify.deliveries.lease_until is 'Wall instant from which another sender may take it over; NULL otherwise.';
comment on column notify.deliveries.next_attempt_at is 'Wall instant before which it is not tried again.';
comment on column notify.deliveries.last_error is 'What the last attempt failed with, without secrets; NULL before a failure.';
comment on column notify.deliveries.settled_at is 'Wall instant at which it was sent or left out.';
comment on column notify.deliveries.recorded_at is 'Wall instant at which a sender first saw the alert.';

create index deliveries_of_channel on notify.deliveries (channel, alert_id);
create index deliveries_due on notify.deliveries (channel, next_attempt_at) where settled_at is null;
