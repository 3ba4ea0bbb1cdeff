-- audit.unsent_alerts: whether alerts that somebody has to act on reached nobody (I26).
create or replace view audit.unsent_alerts as
select u.alerts, u.since from notify.unsent_alerts() as u;
comment on view audit.unsent_alerts is
'One row: the HIGH and CRITICAL alerts of the last seven days, older than ten minutes, that no channel has taken.';
comment on column audit.unsent_alerts.alerts is 'How many; 0 is good.';
comment on column audit.unsent_alerts.since is 'Wall instant of the oldest; NULL without one.';
