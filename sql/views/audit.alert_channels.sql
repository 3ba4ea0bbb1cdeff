-- audit.alert_channels: how each channel that alerts go through stands.
create or replace view audit.alert_channels as
select c.channel, c.sent, c.skipped, c.waiting, c.waiting_since, c.last_sent_at, c.last_error
from notify.channel_states() as c;
comment on view audit.alert_channels is 'One row per channel that was ever used.';
comment on column audit.alert_channels.channel is 'telegram, slack or discord.';
comment on column audit.alert_channels.sent is 'Alerts that went through it.';
comment on column audit.alert_channels.skipped is 'Alerts left out: below its level, or older than it.';
comment on column audit.alert_channels.waiting is 'Alerts that have not left yet.';
comment on column audit.alert_channels.waiting_since is 'Wall instant at which a sender first saw the oldest of them.';
comment on column audit.alert_channels.last_sent_at is 'Wall instant.';
comment on column audit.alert_channels.last_error is 'The last failure of one that waits, without secrets.';
