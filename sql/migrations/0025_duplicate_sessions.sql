-- 0025 duplicate sessions: which dates a payload held more than once, beside how many rows that were (F3).

alter table market.ingest_batches add column duplicate_sessions date[] not null default '{}';
comment on column market.ingest_batches.duplicate_sessions is
'Dates that occurred in more than one row of the payload, ascending, equal rows or not; empty in batches older than this column.';
