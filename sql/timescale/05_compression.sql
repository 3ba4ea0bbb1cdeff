-- What:      old chunks of bars and payloads are compressed: bars by symbol in the order of sessions, payloads by provider.
-- Why:       history is read a symbol at a time, so a segment is one series and a column of it compresses well; a payload is
--            compressed already and gains little, but its request and hash do. Compressed rows stay rows: a late revision, an
--            elected bar replaced and a payload pruned go into them as elsewhere (tests/sql/compressed_history.sql).
--            Two years stay as they are: what is revised, and what a cycle's last lookups touch, lies there.
-- Called by: deploy, as the deployer becoming fund_history, whose jobs they are. Safe to repeat.
-- Raises:    nothing of its own.
do $compression$
declare
    v_table record;
begin
    if not exists (select from pg_catalog.pg_extension as e where e.extname = 'timescaledb') then
        return;
    end if;
    set local role fund_history;
    for v_table in
        select t.relation, t.segment, t.ordered, t.after
        from (
            values
            ('provider_bars', 'symbol', 'session, provider, revision', interval '730 days'),
            ('price_history', 'symbol', 'session', interval '730 days'),
            ('provider_responses', 'provider', 'recorded_at, payload_id', interval '90 days')
        ) as t (relation, segment, ordered, after)
    loop
        -- Asked first: settings of a table that has compressed chunks may not be given again.
        if not exists (
            select from timescaledb_information.hypertables as h
            where h.compression_enabled and h.hypertable_schema = 'market' and h.hypertable_name = v_table.relation
        ) then
            execute pg_catalog.format(
                'alter table market.%I set (
                    timescaledb.compress, timescaledb.compress_segmentby = %L, timescaledb.compress_orderby = %L
                )',
                v_table.relation, v_table.segment, v_table.ordered
            );
        end if;
        perform public.add_compression_policy(
            pg_catalog.format('market.%I', v_table.relation)::regclass, compress_after => v_table.after, if_not_exists => true
        );
    end loop;
    reset role;
end
$compression$;
