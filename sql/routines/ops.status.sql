-- ops.status(): how the fund stands, in one jsonb object, for `python -m runner status`.
-- What: kind and clock of the database, whether trading is stopped and by what, pinned configuration, audit head, the last
-- run per account with its verdicts, orders by state, NAV and open positions per account, alerts of the last seven days by level,
-- whom they reached, processes last seen.
-- Called by: fund_monitor. Raises: nothing.
create or replace function ops.status()
returns jsonb
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_build_object(
        'kind', (select i.kind from ops.instances as i),
        'now', ops.now(),
        'kill_engaged', ops.kill_engaged(false),
        'kill_sources', (select coalesce(jsonb_agg(to_jsonb(s) order by s.source, s.host), '[]') from ops.kill_sources as s),
        'config', (
            select jsonb_build_object(
                'config_sha256', p.config_sha256, 'pinned_at', p.pinned_at, 'pinned_by', p.pinned_by, 'reason', p.reason
            )
            from govern.config_pins as p order by p.pin_id desc limit 1
        ),
        'audit_head', (select jsonb_build_object('seq', h.seq, 'hash', encode(h.hash, 'hex')) from audit.heads as h),
        'cycles', ops.last_cycles(),
        'orders', (
            select coalesce(jsonb_agg(to_jsonb(o) order by o.account, o.state), '[]')
            from (select t.account, t.state, count(*) as orders from trade.orders as t group by t.account, t.state) as o
        ),
        'nav', (
            select coalesce(jsonb_agg(to_jsonb(n) order by n.account), '[]')
            from (
                select distinct on (t.account)
                    t.account, t.session, t.nav, t.cash, t.long_value, t.short_value, t.nav_index,
                    trade.tactical_mark(t.account, t.session) as tactical_mark, t.lifetime_mark
                from trade.nav as t order by t.account, t.session desc
            ) as n
        ),
        'positions', (
            select coalesce(jsonb_agg(to_jsonb(p) order by p.account, p.symbol), '[]')
            from trade.positions as p where p.quantity <> 0
        ),
        'alerts', (
            select coalesce(jsonb_agg(to_jsonb(a) order by a.level, a.code), '[]')
            from (
                select t.level, t.code, count(*) as alerts, sum(t.repeats) as repeats, max(t.last_raised_at) as last_raised_at
                from notify.alerts as t where t.raised_at > ops.now() - interval '7 days' group by t.level, t.code
            ) as a
        ),
        'channels', (select coalesce(jsonb_agg(to_jsonb(c) order by c.channel), '[]') from notify.channel_states() as c),
        'unsent', (select to_jsonb(u) from notify.unsent_alerts() as u),
        'processes', (
            select coalesce(jsonb_agg(to_jsonb(b) order by b.process, b.host), '[]')
            from (select t.process, t.host, t.pid, t.beat_at from audit.processes as t) as b
        )
    )
$$;
comment on function ops.status() is
'How the fund stands: clock, kill sources, configuration, audit head, last runs with verdicts, orders, NAV, positions, alerts, '
'the channels they are sent through, processes.';
