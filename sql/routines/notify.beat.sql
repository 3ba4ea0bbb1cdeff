-- notify.beat(host, pid, interval_seconds): the sender is alive; once an interval everybody is told so.
-- What: a heartbeat of process notify, and where the newest alert HEARTBEAT is older than the interval, another: LOW, with what
--      a person wants to know who reads nothing else. Returns the alert's id, or NULL.
-- Why: silence must not mean "all is well": it goes the way of every alert, so its absence says that something on it is dead.
-- Called by: the alert sender. Raises: nothing.
create or replace function notify.beat(p_host text, p_pid integer, p_interval_seconds integer)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_now constant timestamptz := ops.now();
    v_cycle text;
    v_seen text;
begin
    perform ops.beat('notify', p_host, p_pid);
    if exists (
        select 1 from notify.alerts as a
        where a.dedup_key = 'SYSTEM||HEARTBEAT' and a.raised_at <= v_now
            and a.raised_at > v_now - make_interval(secs => p_interval_seconds)
    ) then
        return null;
    end if;
    select format('last cycle %s as of %s %s', r.account, c.as_of_session, r.state) into v_cycle
    from decide.cycle_runs as r
        join decide.cycles as c on c.cycle_id = r.cycle_id
    order by r.opened_at desc, r.recorded_before desc
    limit 1;
    select string_agg(
        format('%s %s', b.process, to_char(b.beat_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')), ', ' order by b.process
    ) into v_seen
    from (
        select h.process, max(h.beat_at) as beat_at from ops.heartbeats as h where h.process <> 'notify' group by h.process
    ) as b;
    return notify.enqueue(
        'LOW', 'SYSTEM', 'HEARTBEAT', format(
            'kill switch %s; %s; %s positions; last seen: %s',
            case when ops.kill_engaged(false) then 'ENGAGED' else 'not engaged' end,
            coalesce(v_cycle, 'no cycle yet'),
            (select count(*) from trade.positions as p where p.quantity <> 0),
            coalesce(v_seen, 'no other process')
        ),
        p_window_seconds => 0
    );
end;
$$;
comment on function notify.beat(text, integer, integer) is
'Stores a heartbeat of the alert sender and raises the LOW alert HEARTBEAT where the last one is older than the interval.';
