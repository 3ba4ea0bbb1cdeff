-- What:      background jobs: weekly and monthly bars are refreshed, heartbeats older than 30 days dropped, payloads older than
--            60 days that nothing stored leads back to lose their bytes.
-- Why:       a heartbeat proves nothing after a month. Bars and the payloads they came from are never dropped (I24). 60 days come
--            before the 90 after which payloads are compressed (05).
-- Called by: deploy, as the deployer becoming fund_history, whose jobs they are. Safe to repeat.
-- Raises:    nothing of its own.
do $policies$
begin
    if not exists (select from pg_catalog.pg_extension as e where e.extname = 'timescaledb') then
        return;
    end if;
    grant execute on function market.prune_daily(integer, jsonb) to fund_history;
    set local role fund_history;
    perform public.add_continuous_aggregate_policy(
        'market.weekly_bars', start_offset => null, end_offset => interval '1 week',
        schedule_interval => interval '1 day', if_not_exists => true
    );
    perform public.add_continuous_aggregate_policy(
        'market.monthly_bars', start_offset => null, end_offset => interval '1 month',
        schedule_interval => interval '1 day', if_not_exists => true
    );
    perform public.add_retention_policy('ops.heartbeats', drop_after => interval '30 days', if_not_exists => true);
    if not exists (
        select from timescaledb_information.jobs as j where j.proc_schema = 'market' and j.proc_name = 'prune_daily'
    ) then
        perform public.add_job('market.prune_daily', interval '1 day', config => '{"older_than": "60 days"}');
    end if;
    reset role;
end
$policies$;
