-- What:      the deploy ledger: which file of sql/ is in force with which content, and which deploy put it there.
-- Why:       a migration is applied once and never edited; a repeated deploy does nothing; drift is an error (exit 12).
-- Called by: deploy, as the deployer becoming fund_owner. Safe to repeat. It precedes the migrations, so it cannot be one.
-- Raises:    nothing of its own.
set local role fund_owner;
create table if not exists ops.deploys (
    deploy_id bigint generated always as identity primary key,
    runner_version text not null,
    git_commit text,
    server_version text not null,
    timescaledb_version text,
    catalog_sha256 text check (catalog_sha256 ~ '^[0-9a-f]{64}$'),
    deployed_by text not null default session_user,
    -- The wall clock, not ops.now(): the ledger is older than the clock, and a simulated clock would date it wrongly.
    deployed_at timestamptz not null default pg_catalog.clock_timestamp()
);
create table if not exists ops.deploy_ledger (
    path text primary key,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    deploy_id bigint not null references ops.deploys (deploy_id)
);
comment on table ops.deploys is 'One row per deploy that changed something. Written by deploy only.';
comment on column ops.deploys.deploy_id is 'Number of the deploy, rising.';
comment on column ops.deploys.runner_version is 'Version of the runner that deployed.';
comment on column ops.deploys.git_commit is
'Commit of the working tree it deployed from, "-dirty" appended where files differ; null outside a clone.';
comment on column ops.deploys.server_version is 'PostgreSQL''s server_version.';
comment on column ops.deploys.timescaledb_version is 'Version of the TimescaleDB extension in this database; null without it.';
comment on column ops.deploys.catalog_sha256 is
'SHA-256 over the definitions and privileges found in the catalog after the deploy; another value today means somebody changed '
'them by hand.';
comment on column ops.deploys.deployed_by is 'Session user that deployed.';
comment on column ops.deploys.deployed_at is 'Wall clock of the deploy.';
comment on table ops.deploy_ledger is
'One row per file of sql/ in force. A migration''s row never changes. Written by deploy only.';
comment on column ops.deploy_ledger.path is 'File below sql/, with forward slashes.';
comment on column ops.deploy_ledger.sha256 is 'SHA-256 of the file''s bytes, hexadecimal.';
comment on column ops.deploy_ledger.deploy_id is 'Deploy that applied this content.';
reset role;
