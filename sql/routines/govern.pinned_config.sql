-- govern.pinned_config(): the hash of the configuration in force; NULL before the first pinning.
-- Why: a cycle or release under another hash is refused by the database (I20).
-- Called by: decide.open_cycle, trade.place_orders, trade.claim_orders, config verify. Raises: nothing.
create or replace function govern.pinned_config()
returns text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select p.config_sha256 from govern.config_pins as p order by p.pin_id desc limit 1
$$;
comment on function govern.pinned_config() is
'SHA-256 of the configuration in force, hexadecimal; NULL before the first pinning.';
