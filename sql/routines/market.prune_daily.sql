-- market.prune_daily(job, config): what TimescaleDB's scheduler calls once a day: market.prune_payloads of what is older than the
-- config's older_than, an interval.
-- Why: a scheduler hands over its job's number and config, and cannot compute an instant.
-- Called by: the job of sql/timescale/04_policies.sql, as fund_history. Raises: 22007 for a config without an interval; the
-- scheduler keeps a job's error.
create or replace function market.prune_daily(p_job integer, p_config jsonb)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform market.prune_payloads(clock_timestamp() - (p_config ->> 'older_than')::interval);
end;
$$;
comment on function market.prune_daily(integer, jsonb) is
'Removes the bytes of answers that nothing stored leads back to and that are older than config.older_than (an interval).';
