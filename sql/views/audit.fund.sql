-- audit.fund: the one row that says by which clock and configuration the fund lives, and whether trading is stopped.
create or replace view audit.fund as
select
    i.kind, ops.now() as now,
    cardinality(k.sources) > 0 or ops.resume_pending() is not false as trading_stopped,
    k.sources as kill_sources,
    (
        select min(e.occurred_at)
        from ops.kill_events as e
        where e.action = 'engage' and e.event_id > coalesce((select max(r.event_id) from ops.resumptions as r), 0)
    ) as stopped_since,
    p.config_sha256, p.pinned_at, p.pinned_by, p.reason as pin_reason, h.seq as audit_entries
from ops.instances as i
    cross join audit.heads as h
    cross join lateral (
        select coalesce(
            array_agg(s.source || coalesce('@' || nullif(s.host, ''), '') order by s.source collate "C", s.host collate "C"), '{}'
        ) as sources
        from ops.kill_sources as s
    ) as k
    left join lateral (select c.* from govern.config_pins as c order by c.pin_id desc limit 1) as p on true;
comment on view audit.fund is 'One row: the clock, the configuration in force, and whether trading is stopped (I15).';
comment on column audit.fund.kind is 'real or simulated.';
comment on column audit.fund.now is 'Instant by ops.now(): the clock of every decision.';
comment on column audit.fund.trading_stopped is
'True while a kill source is engaged, and from the last engagement until an operator has resumed trading.';
comment on column audit.fund.kill_sources is
'Engaged sources, a kill file''s with its host; empty while trading is stopped: every source is clear, nobody has resumed.';
comment on column audit.fund.stopped_since is
'Instant by ops.now() of the first engagement no resumption has answered; NULL without one.';
comment on column audit.fund.config_sha256 is 'Hash of the pinned golden configuration; NULL before the first pin.';
comment on column audit.fund.pinned_at is 'Instant by ops.now().';
comment on column audit.fund.pinned_by is 'Login role.';
comment on column audit.fund.pin_reason is 'Why, as given.';
comment on column audit.fund.audit_entries is 'Entries of the audit chain.';
