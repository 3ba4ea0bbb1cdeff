-- audit.quarantined_bars: every received row that was set aside, with its source, payload and reason.
create or replace view audit.quarantined_bars as
select
    q.quarantine_id, q.symbol, q.reason, q.received ->> 'session' as session, b.provider, q.received, q.batch_id, b.payload_id,
    q.row_number, q.recorded_at
from market.quarantined_bars as q
    join market.ingest_batches as b on b.batch_id = q.batch_id;
comment on view audit.quarantined_bars is 'One row per received row that was set aside.';
comment on column audit.quarantined_bars.quarantine_id is 'Number of the row.';
comment on column audit.quarantined_bars.symbol is 'Instrument.';
comment on column audit.quarantined_bars.reason is 'Why, machine-readable.';
comment on column audit.quarantined_bars.session is 'Exchange date it was received for, as received.';
comment on column audit.quarantined_bars.provider is 'Source.';
comment on column audit.quarantined_bars.received is 'The row as received.';
comment on column audit.quarantined_bars.batch_id is 'Batch that brought it.';
comment on column audit.quarantined_bars.payload_id is 'Payload it stands in.';
comment on column audit.quarantined_bars.row_number is 'Its place in the batch.';
comment on column audit.quarantined_bars.recorded_at is 'Wall instant.';
