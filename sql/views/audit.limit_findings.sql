-- audit.limit_findings: every limit that stopped or cut something: by the stages' risk checks, and by SQL at the order.
-- Why: of the run whose decisions count, as every view of a cycle; only a DONE run places orders.
create or replace view audit.limit_findings as
select
    'risk_check' as source, c.cycle_id, c.account, c.limit_name, c.symbol, c.observed, c.threshold, c.action, c.factor, c.reason,
    null::text as client_order_id, c.recorded_at, c.run, c.scope
from decide.risk_checks as c
    join audit.concluded_runs as f on f.cycle_id = c.cycle_id and f.run = c.run
where c.binding or c.action <> 'ALLOW'

union all

select
    'order', o.cycle_id, o.account, o.refused_by, o.symbol, null, null, 'REJECT', null, 'ORDER_REFUSED', o.client_order_id,
    o.recorded_at, o.run, 'symbol'
from trade.orders as o
where o.refused_by is not null;
comment on view audit.limit_findings is 'One row per limit that stopped or cut something.';
comment on column audit.limit_findings.source is 'risk_check: found by the stages; order: refused in SQL.';
comment on column audit.limit_findings.cycle_id is 'Cycle.';
comment on column audit.limit_findings.account is 'Account.';
comment on column audit.limit_findings.limit_name is 'Limit or rule.';
comment on column audit.limit_findings.symbol is 'Instrument; NULL: the portfolio or a sector.';
comment on column audit.limit_findings.observed is 'Number observed; NULL where unknown or stored with the order''s event.';
comment on column audit.limit_findings.threshold is 'Number of the limit.';
comment on column audit.limit_findings.action is 'What was done.';
comment on column audit.limit_findings.factor is 'Scale applied.';
comment on column audit.limit_findings.reason is 'Why, machine-readable.';
comment on column audit.limit_findings.client_order_id is 'Order that was refused.';
comment on column audit.limit_findings.recorded_at is 'Wall instant.';
comment on column audit.limit_findings.run is 'Run of the cycle.';
comment on column audit.limit_findings.scope is 'portfolio, symbol, sector:NAME or scenario:NAME.';
