-- What:      bars, raw payloads and heartbeats become hypertables and go to fund_history.
-- Why:       they only grow; chunks make their history compressible and its scans short. Their primary keys contain the time
--            column; orders, fills, decisions, limits and audit stay plain tables (I2, I22).
-- Called by: deploy, as the deployer. Safe to repeat; converts tables that already hold rows (an extension that came later).
-- Raises:    nothing of its own.
do $hypertables$
declare
    v_table record;
begin
    if not exists (select from pg_catalog.pg_extension as e where e.extname = 'timescaledb') then
        return;
    end if;
    for v_table in
        select t.relation, t.time_column, t.chunk
        from (
            values
            -- Daily bars are read five years at a time: a year a chunk keeps a panel's scan at six chunks.
            ('market.provider_bars', 'session', interval '364 days'),
            ('market.price_history', 'session', interval '364 days'),
            ('market.provider_responses', 'recorded_at', interval '30 days'),
            ('ops.heartbeats', 'recorded_at', interval '1 day')
        ) as t (relation, time_column, chunk)
    loop
        perform public.create_hypertable(
            v_table.relation::regclass, public.by_range(v_table.time_column::name, v_table.chunk),
            create_default_indexes => false, if_not_exists => true, migrate_data => true
        );
        execute pg_catalog.format('alter table %s owner to fund_history', v_table.relation::regclass);
    end loop;
end
$hypertables$;
