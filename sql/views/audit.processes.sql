-- audit.processes: when each process was last seen.
create or replace view audit.processes as
select distinct on (b.process, b.host) b.process, b.host, b.pid, b.beat_at, b.detail, b.recorded_at
from ops.heartbeats as b
order by b.process, b.host, b.recorded_at desc;
comment on view audit.processes is 'One row per process and host that ever gave a sign of life: the newest one.';
comment on column audit.processes.process is 'cycle, sync, notify, daemon.';
comment on column audit.processes.host is 'Host name.';
comment on column audit.processes.pid is 'Process id on that host.';
comment on column audit.processes.beat_at is 'Instant by ops.now().';
comment on column audit.processes.detail is 'What the process was doing, without secrets.';
comment on column audit.processes.recorded_at is 'Wall instant.';
