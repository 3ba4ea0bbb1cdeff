-- fund_ingestor: writes reference and market data, through routines only; rows land insert-only.
grant usage on schema market, ops, ref to fund_ingestor;
grant insert on market.bar_landing to fund_ingestor;
grant select on market.ingest_batches, market.quarantined_bars, market.quarantined_facts to fund_ingestor;
grant select on ref.calendars, ref.instruments, ref.last_sessions, ref.providers, ref.universe to fund_ingestor;
grant select on market.open_gaps to fund_ingestor;
grant select on ref.sessions to fund_ingestor;
grant execute on function market.record_attempts(text, text, date[], text) to fund_ingestor;
grant execute on function market.archive_payload(text, jsonb, text, text, bytea, bytea, bigint) to fund_ingestor;
grant execute on function market.headlines_without_opinion(text, text, integer) to fund_ingestor;
grant execute on function market.ingest_actions(bigint, date, date, date[], text[], double precision[], double precision[])
to fund_ingestor;
grant execute on function market.ingest_bars(bigint) to fund_ingestor;
grant execute on function market.ingest_fundamentals(bigint, jsonb) to fund_ingestor;
grant execute on function market.ingest_news(bigint, jsonb) to fund_ingestor;
grant execute on function market.open_batch(text, text, bigint) to fund_ingestor;
grant execute on function market.record_opinions(jsonb) to fund_ingestor;
grant execute on function market.refuse_batch(bigint, text) to fund_ingestor;
grant execute on function ops.now() to fund_ingestor;
grant execute on function ref.load_providers(jsonb) to fund_ingestor;
grant execute on function ref.load_sessions(text, text, text, date[], timestamptz[], timestamptz[], boolean[]) to fund_ingestor;
grant execute on function ref.load_universe(jsonb, jsonb) to fund_ingestor;
grant usage on schema notify to fund_ingestor;
grant execute on function notify.enqueue(text, text, text, text, text, text, jsonb, integer) to fund_ingestor;
grant execute on function ops.beat(text, text, integer, jsonb) to fund_ingestor;
grant execute on function ops.engage_kill_switch(text, text, text) to fund_ingestor;
