-- audit.alerts: what people were told, or were to be told.
create or replace view audit.alerts as
select
    a.alert_id, a.level, a.category, a.code, a.symbol, a.account, a.message, a.repeats, a.raised_at, a.last_raised_at,
    a.raised_by, a.recorded_at
from notify.alerts as a;
comment on view audit.alerts is 'One row per alert; repeats within the window are counted.';
comment on column audit.alerts.alert_id is 'Number.';
comment on column audit.alerts.level is 'LOW, MEDIUM, HIGH or CRITICAL.';
comment on column audit.alerts.category is 'RISK, PERFORMANCE, SYSTEM, MARKET_DATA, TRADING or DATA_QUALITY.';
comment on column audit.alerts.code is 'What, machine-readable.';
comment on column audit.alerts.symbol is 'Instrument, where it is about one.';
comment on column audit.alerts.account is 'Account, where it is about one.';
comment on column audit.alerts.message is 'What it says.';
comment on column audit.alerts.repeats is 'How often it was raised again within the window.';
comment on column audit.alerts.raised_at is 'Instant by ops.now().';
comment on column audit.alerts.last_raised_at is 'Instant of the last repeat by ops.now().';
comment on column audit.alerts.raised_by is 'Login role.';
comment on column audit.alerts.recorded_at is 'Wall instant.';
