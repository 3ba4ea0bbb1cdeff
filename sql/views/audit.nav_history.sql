-- audit.nav_history: every mark of an account: NAV, index, both high-water marks and the falls from them, loss against capital.
create or replace view audit.nav_history as
select
    n.account, n.session, n.nav, n.cash, n.long_value, n.short_value, n.net_flow, n.period_return, n.nav_index, n.lifetime_mark,
    greatest(1 - n.nav_index / n.lifetime_mark, 0) as lifetime_drawdown, n.tactical_mark,
    greatest(1 - n.nav_index / n.tactical_mark, 0) as tactical_drawdown, b.session is not null as rebased, c.contributed,
    case when c.contributed > 0 then (1 - n.nav / c.contributed)::double precision when n.nav > 0 then 0 end as loss,
    n.stale_marks, n.marked_at, n.recorded_at
from trade.nav as n
    left join trade.mark_rebases as b on b.account = n.account and b.session = n.session
    left join lateral (
        select sum(l.amount) as contributed
        from trade.cash_ledger as l
        where l.account = n.account and l.session <= n.session and l.kind in ('deposit', 'withdrawal')
    ) as c on true;
comment on view audit.nav_history is 'One row per account and marked session.';
comment on column audit.nav_history.account is 'Account.';
comment on column audit.nav_history.session is 'Exchange date.';
comment on column audit.nav_history.nav is 'Cash and market value, USD.';
comment on column audit.nav_history.cash is 'Cash, USD.';
comment on column audit.nav_history.long_value is 'Market value of long positions, USD.';
comment on column audit.nav_history.short_value is 'Market value of short positions, USD, not positive.';
comment on column audit.nav_history.net_flow is 'Deposits less withdrawals of the session, USD.';
comment on column audit.nav_history.period_return is 'Time-weighted return since the mark before, fraction; NULL for the first.';
comment on column audit.nav_history.nav_index is 'Time-weighted index, 1 at opening (A6).';
comment on column audit.nav_history.lifetime_mark is 'Highest index ever; never re-based.';
comment on column audit.nav_history.lifetime_drawdown is 'Fall from it, fraction.';
comment on column audit.nav_history.tactical_mark is 'Highest index since the last re-base before this session (A7).';
comment on column audit.nav_history.tactical_drawdown is 'Fall from it, fraction: what the drawdown limit reads.';
comment on column audit.nav_history.rebased is
'True where a ramp began on the session: from the next one on the mark counts from this index.';
comment on column audit.nav_history.contributed is 'Deposits less withdrawals up to the session, USD.';
comment on column audit.nav_history.loss is 'Loss against it, fraction, negative: a gain; NULL where it cannot be known (B7).';
comment on column audit.nav_history.stale_marks is 'Symbols valued at an older close, with its session.';
comment on column audit.nav_history.marked_at is 'Instant by ops.now().';
comment on column audit.nav_history.recorded_at is 'Wall instant.';
