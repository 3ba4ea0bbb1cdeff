-- What:      the TimescaleDB extension and fund_history, the owner of hypertables and continuous aggregates.
-- Why:       plain tables decide, hypertables remember (ARCHITECTURE 1). Background jobs are refused for an owner without
--            LOGIN (measured on 2.22): fund_history has it, but no password, no connection, and no control object.
-- Called by: deploy, as the deployer. Safe to repeat. Without the extension every file here does nothing, except that 03
--            makes the same bars as plain views.
-- Raises:    nothing of its own; a warning where the extension is installed but the server does not load it.
do $extension$
declare
    v_installed constant boolean := exists (select from pg_catalog.pg_extension as e where e.extname = 'timescaledb');
    -- Without the library loaded at start, `create extension` ends the session. The WebAssembly build links it in; a managed
    -- service, whose admin may not read the setting, would not offer what it does not load.
    v_loadable constant boolean := case
        when pg_catalog.version() like '%emcc%' or not pg_catalog.pg_has_role('pg_read_all_settings', 'usage') then true
        else pg_catalog.current_setting('shared_preload_libraries') like '%timescaledb%'
    end;
begin
    if not exists (select from pg_catalog.pg_available_extensions as a where a.name = 'timescaledb') then
        return;
    end if;
    if not v_installed and not v_loadable then
        raise warning 'timescaledb is installed on this server but not loaded: history stays in plain tables'
            using hint = 'add timescaledb to shared_preload_libraries, restart, and deploy again';
        return;
    end if;
    if not v_installed then
        create extension timescaledb schema public;
    end if;

    if not exists (select from pg_catalog.pg_roles as r where r.rolname = 'fund_history') then
        create role fund_history login connection limit 0;
    end if;
    -- fund_owner keeps every right on what it hands over: routines write it, migrations alter it.
    if not exists (
        select from pg_catalog.pg_auth_members as m
        where m.roleid = 'fund_history'::regrole and m.member = 'fund_owner'::regrole
    ) then
        grant fund_history to fund_owner;
    end if;
    grant usage on schema public, market, ops to fund_history;
end
$extension$;
