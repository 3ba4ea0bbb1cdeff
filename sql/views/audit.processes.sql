-- audit.processes: when each process was last seen.
create or replace view audit.processes as
-- From process to process by the index, not over every beat: a worker leaves one every few seconds.
with recursive seen as (
    (select b.process, b.host from ops.heartbeats as b order by b.process, b.host limit 1)
    union all
    select n.process, n.host
    from seen as s
        cross join lateral (
            select b.process, b.host from ops.heartbeats as b
            where (b.process, b.host) > (s.process, s.host)
            order by b.process, b.host limit 1
        ) as n
)

select n.process, n.host, n.pid, n.beat_at, n.detail, n.recorded_at
from seen as s
    cross join lateral (
        select b.* from ops.heartbeats as b
        where b.process = s.process and b.host = s.host
        order by b.recorded_at desc limit 1
    ) as n;
comment on view audit.processes is 'One row per process and host that ever gave a sign of life: the newest one.';
comment on column audit.processes.process is 'cycle, sync, notify, daemon.';
comment on column audit.processes.host is 'Host name.';
comment on column audit.processes.pid is 'Process id on that host.';
comment on column audit.processes.beat_at is 'Instant by ops.now().';
comment on column audit.processes.detail is 'What the process was doing, without secrets.';
comment on column audit.processes.recorded_at is 'Wall instant.';
