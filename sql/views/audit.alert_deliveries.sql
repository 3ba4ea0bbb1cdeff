-- audit.alert_deliveries: whom an alert reached, and why not where it did not (I26).
create or replace view audit.alert_deliveries as
select
    d.alert_id, d.channel, a.level, a.code, a.account, d.state, d.skip_reason, d.attempts, d.last_error, d.next_attempt_at,
    d.settled_at, a.raised_at, d.recorded_at
from notify.deliveries as d
    join notify.alerts as a on a.alert_id = d.alert_id;
comment on view audit.alert_deliveries is 'One row per alert and channel since a sender first saw the alert for it.';
comment on column audit.alert_deliveries.alert_id is 'Number in audit.alerts; a message shows it.';
comment on column audit.alert_deliveries.channel is 'telegram, slack or discord.';
comment on column audit.alert_deliveries.level is 'LOW, MEDIUM, HIGH or CRITICAL.';
comment on column audit.alert_deliveries.code is 'What, machine-readable.';
comment on column audit.alert_deliveries.account is 'Account, where it is about one.';
comment on column audit.alert_deliveries.state is 'WAITING, CLAIMED (a message with it may have left), SENT or SKIPPED.';
comment on column audit.alert_deliveries.skip_reason is 'BELOW_LEVEL or BEFORE_CHANNEL; NULL unless SKIPPED.';
comment on column audit.alert_deliveries.attempts is 'How often it was tried.';
comment on column audit.alert_deliveries.last_error is 'What the last failure was, without secrets; NULL before one.';
comment on column audit.alert_deliveries.next_attempt_at is 'Wall instant before which it is not tried again.';
comment on column audit.alert_deliveries.settled_at is 'Wall instant at which it was sent or left out.';
comment on column audit.alert_deliveries.raised_at is 'Instant by ops.now() at which the alert was raised.';
comment on column audit.alert_deliveries.recorded_at is 'Wall instant at which a sender first saw it.';
