-- audit.failovers: every asking that brought nothing, why, and who was asked instead.
create or replace view audit.failovers as
select
    f.fetch_id, f.symbol, f.provider, f.fault, f.reason, f.next_provider, f.purpose, f.first_session, f.last_session, f.asked_at,
    f.received_at, f.recorded_at,
    (select count(*) from market.fetch_responses as r where r.fetch_id = f.fetch_id) as responses
from market.fetches as f
where f.outcome = 'FAILED';
comment on view audit.failovers is 'One row per asking of a source that brought nothing, or that was passed over.';
comment on column audit.failovers.fetch_id is 'Number of the asking.';
comment on column audit.failovers.symbol is 'Instrument; NULL where the source was passed over for all of a run.';
comment on column audit.failovers.provider is 'Source that failed.';
comment on column audit.failovers.fault is 'Why, as a code.';
comment on column audit.failovers.reason is 'Why, in words.';
comment on column audit.failovers.next_provider is 'Source asked instead; NULL where none was left.';
comment on column audit.failovers.purpose is 'ingest, live, heal, backfill or file.';
comment on column audit.failovers.first_session is 'First session asked for.';
comment on column audit.failovers.last_session is 'Last session asked for.';
comment on column audit.failovers.asked_at is 'Instant of asking.';
comment on column audit.failovers.received_at is 'Instant of the last answer.';
comment on column audit.failovers.recorded_at is 'Wall instant.';
comment on column audit.failovers.responses is 'Answers archived of it, refused ones included.';
