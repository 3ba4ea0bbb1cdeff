-- What:      the schemas: nine of SQL's, four of dbt's, all owned by fund_owner.
-- Why:       a schema has exactly one owner (ARCHITECTURE 1); dbt creates relations in its four, nothing in ours.
-- Called by: deploy, as the deployer, after the roles. Safe to repeat.
-- Raises:    nothing of its own.
do $bootstrap$
declare
    c_schemas constant text[] := array[
        'ops', 'ref', 'market', 'calc', 'govern', 'decide', 'trade', 'notify', 'audit',
        'staging', 'quality', 'features', 'mart'
    ];
    v_schema text;
begin
    foreach v_schema in array c_schemas loop
        if not exists (select from pg_catalog.pg_namespace as n where n.nspname = v_schema) then
            execute pg_catalog.format('create schema %I authorization fund_owner', v_schema);
        end if;
        if exists (
            select from pg_catalog.pg_namespace as n
            where n.nspname = v_schema and n.nspowner <> 'fund_owner'::regrole
        ) then
            execute pg_catalog.format('alter schema %I owner to fund_owner', v_schema);
        end if;
    end loop;
end
$bootstrap$;

set local role fund_owner;
comment on schema ops is 'Operations: clock, locks, kill switch, deploy ledger, heartbeats. Owned by SQL.';
comment on schema ref is 'Reference: exchange calendar, universe with validity dates, broker rules. Owned by SQL.';
comment on schema market is
'Market data: raw payloads, provider bars, the elected price history, corporate actions. Owned by SQL.';
comment on schema calc is 'Immutable functions and aggregates that SQL and dbt share. Owned by SQL.';
comment on schema govern is 'Governance: configuration, limits, the gate and its verdicts. Owned by SQL.';
comment on schema decide is 'Cycles, copied inputs, agent outputs, decisions, risk checks and states. Owned by SQL.';
comment on schema trade is 'Accounts, orders, fills, positions, cash, NAV, broker snapshots. Owned by SQL.';
comment on schema notify is 'Alert outbox, deduplicated. Owned by SQL.';
comment on schema audit is 'The hash chain and the analysts'' read views. Owned by SQL.';
comment on schema staging is 'Views one to one over SQL''s tables. Built by dbt; can be rebuilt.';
comment on schema quality is 'One relation per data-quality check, scores and symbol states. Built by dbt; can be rebuilt.';
comment on schema features is 'Features per symbol and session. Built by dbt; can be rebuilt.';
comment on schema mart is 'Analysts'' marts. Built by dbt; can be rebuilt.';
grant usage, create on schema staging, quality, features, mart to fund_transformer;
-- I28: *without* "in schema"; with it nothing is revoked (measured).
alter default privileges for role fund_owner revoke execute on functions from public;
reset role;
