-- What:      session defaults of the login roles in this database.
-- Why:       a float sum has the order of its rows: parallel workers and synchronised scans change last digits
--            (NUMERICS 5); JIT doubled the features' time; time-outs keep a forgotten session from holding a lock. They
--            are defaults a role can change: nothing relies on them for safety (I29). transaction_timeout came with
--            PostgreSQL 17: a transaction of short statements, each within its own time-out, ends too.
-- Called by: deploy, as the deployer, after the roles. Safe to repeat: set only where it differs.
-- Raises:    nothing of its own.
do $bootstrap$
declare
    c_all constant text[] := array[
        'max_parallel_workers_per_gather=0', 'synchronize_seqscans=off', 'jit=off', 'TimeZone=UTC',
        'search_path=pg_catalog, pg_temp', 'lock_timeout=10s', 'idle_in_transaction_session_timeout=60s'
    ];
    c_since_17 constant boolean := pg_catalog.current_setting('server_version_num')::integer >= 170000;
    v_setting record;
begin
    for v_setting in
        with duties (role, statement_timeout, transaction_timeout) as (
            values
                ('fund_ingestor', '15min', '30min'), ('fund_transformer', '60min', '2h'), ('fund_decider', '2min', '10min'),
                ('fund_broker', '30s', '5min'), ('fund_notifier', '30s', '5min'), ('fund_operator', '60s', '5min'),
                ('fund_analyst', '5min', '1h'), ('fund_verifier', '60min', '2h'), ('fund_monitor', '30s', '5min')

            union all
            select r.rolname, '60s', '5min' from pg_catalog.pg_roles as r where r.rolname like 'fund\_operator\_%'
        ),

        wanted as (
            select
                d.role,
                pg_catalog.unnest(
                    c_all || ('statement_timeout=' || d.statement_timeout)
                    || case when c_since_17 then array['transaction_timeout=' || d.transaction_timeout] end
                ) as setting
            from duties as d
        )

        select
            w.role,
            pg_catalog.split_part(w.setting, '=', 1) as name,
            pg_catalog.substr(w.setting, pg_catalog.strpos(w.setting, '=') + 1) as value
        from wanted as w
        where not exists (
            select from pg_catalog.pg_db_role_setting as s
            where
                s.setrole = w.role::regrole
                and s.setdatabase = (
                    select d.oid from pg_catalog.pg_database as d where d.datname = pg_catalog.current_database()
                )
                and w.setting = any (s.setconfig)
        )
        order by w.role, w.setting
    loop
        execute pg_catalog.format(
            'alter role %I in database %I set %I = %s',
            v_setting.role, pg_catalog.current_database(), v_setting.name,
            -- A list must stay a list: quoted as one word it would name one schema with a comma in it.
            case when v_setting.name = 'search_path' then v_setting.value else pg_catalog.quote_literal(v_setting.value) end
        );
    end loop;
end
$bootstrap$;
