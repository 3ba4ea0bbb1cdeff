-- audit.quarantined_facts: every received filing or headline that was set aside, with its source, payload and reason.
create or replace view audit.quarantined_facts as
select
    q.quarantine_id, q.kind, q.symbol, q.reason, b.provider, q.received, q.batch_id, b.payload_id, q.row_number, q.recorded_at
from market.quarantined_facts as q
    join market.ingest_batches as b on b.batch_id = q.batch_id;
comment on view audit.quarantined_facts is 'One row per received filing or headline that was set aside.';
comment on column audit.quarantined_facts.quarantine_id is 'Number of the row.';
comment on column audit.quarantined_facts.kind is 'fundamentals or news.';
comment on column audit.quarantined_facts.symbol is 'Instrument.';
comment on column audit.quarantined_facts.reason is 'Why, machine-readable.';
comment on column audit.quarantined_facts.provider is 'Source.';
comment on column audit.quarantined_facts.received is 'The row as received.';
comment on column audit.quarantined_facts.batch_id is 'Batch that brought it.';
comment on column audit.quarantined_facts.payload_id is 'Payload it stands in.';
comment on column audit.quarantined_facts.row_number is 'Its place in the batch.';
comment on column audit.quarantined_facts.recorded_at is 'Wall instant.';
