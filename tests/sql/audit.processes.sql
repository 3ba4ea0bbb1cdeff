-- Proves: I26: an analyst sees the last sign of life of each process on each host.
begin;
select plan(1);
select fixtures.desk();
insert into ops.heartbeats (process, host, pid, beat_at, recorded_at, detail)
select p.process, p.host, p.pid, ops.now(), clock_timestamp() - p.ago, '{}'
from (values ('sync', 'a', 1, interval '2 minutes'), ('sync', 'a', 2, '1 minute'), ('sync', 'b', 3, '1 hour'), ('notify', 'a', 4, '0'))
    as p (process, host, pid, ago);
set local role fund_analyst;
select results_eq('select p.process, p.host, p.pid from audit.processes as p order by p.process, p.host',
    $$values ('notify', 'a', 4), ('sync', 'a', 2), ('sync', 'b', 3)$$, 'the newest of each');
reset role;
select * from finish();
rollback;
