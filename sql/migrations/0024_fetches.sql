-- 0024 fetches: every asking of a source is a row, with what was asked, when, what came and why it was not enough; the rows a
-- batch brings are as of its fetch, so that the archive alone gives the same bars again.

-- Applied while nothing else runs; the one table altered has a row per symbol and ingest.
-- squawk-ignore-file constraint-missing-not-valid, adding-foreign-key-constraint, ban-drop-not-null

create table ref.provider_capabilities (
    provider text not null references ref.providers,
    asset_class text not null check (asset_class in ('equity', 'etf', 'index', 'crypto', 'fx')),
    priority integer not null,
    history_days_max integer not null check (history_days_max > 0),
    requires_entitlement boolean not null,
    primary key (provider, asset_class),
    unique (asset_class, priority)
);
comment on table ref.provider_capabilities is
'One row per source asked over the network and asset class it can be asked for (ruling F8).';
comment on column ref.provider_capabilities.provider is 'Source.';
comment on column ref.provider_capabilities.asset_class is 'Asset class of an instrument.';
comment on column ref.provider_capabilities.priority is 'Order of asking within the asset class, lowest first.';
comment on column ref.provider_capabilities.history_days_max is 'Days of history it has at most.';
comment on column ref.provider_capabilities.requires_entitlement is 'Whether it answers only a key.';

create table market.fetches (
    fetch_id bigint generated always as identity primary key,
    provider text not null references ref.providers,
    symbol text references ref.instruments,
    purpose text not null check (purpose in ('ingest', 'live', 'heal', 'backfill', 'file')),
    first_session date,
    last_session date check (last_session >= first_session),
    asked_at timestamptz not null,
    received_at timestamptz not null,
    recorded_at timestamptz not null,
    outcome text check (outcome in ('OK', 'FAILED')),
    fault text check (fault in (
        'REFUSED', 'NO_KEY', 'NOT_INSTALLED', 'THROTTLED', 'UNAVAILABLE', 'NOT_FOUND', 'UNREADABLE', 'TOO_LARGE',
        'HISTORY_TOO_SHORT', 'EMPTY', 'OUTSIDE_WINDOW', 'NOTHING_USABLE', 'LOW_SCORE', 'IMPOSSIBLE_ACTIONS'
    )),
    reason text check (reason <> ''),
    next_provider text references ref.providers,
    check (outcome = 'OK' and fault is null and reason is null and next_provider is null
        or outcome = 'FAILED' and fault is not null and reason is not null
        or outcome is null and fault is null and reason is null and next_provider is null)
);
create index fetches_symbol on market.fetches (symbol, fetch_id);
comment on table market.fetches is
'One row per asking of a source for one symbol, in the order their answers were taken in: it is numbered under the market''s '
'lock, in the transaction of its bars.';
comment on column market.fetches.fetch_id is 'Number of the asking.';
comment on column market.fetches.provider is 'Source.';
comment on column market.fetches.symbol is 'Instrument; NULL where a source was passed over for all of a run.';
comment on column market.fetches.purpose is 'ingest, live (the loop: five sessions at most, ruling F7), heal, backfill or file.';
comment on column market.fetches.first_session is 'First session asked for; NULL where the source was asked for all it has.';
comment on column market.fetches.last_session is 'Last session asked for.';
comment on column market.fetches.asked_at is 'Instant of asking, by ops.now().';
comment on column market.fetches.received_at is 'Instant of the answer, by ops.now(): a revision it brings is known then.';
comment on column market.fetches.recorded_at is
'Wall instant of the answer: what closes after it and received_at lies in the future.';
comment on column market.fetches.outcome is 'OK: taken in. FAILED: nothing of it was. NULL only inside its own transaction.';
comment on column market.fetches.fault is 'Why it failed, as a code.';
comment on column market.fetches.reason is 'Why it failed, in words.';
comment on column market.fetches.next_provider is 'Source asked instead; NULL where none was left.';

create table market.fetch_responses (
    fetch_id bigint not null references market.fetches,
    part integer not null check (part > 0),
    payload_id bigint not null,
    status text not null,
    content_type text not null,
    request jsonb not null,
    primary key (fetch_id, part)
);
create index fetch_responses_payload on market.fetch_responses (payload_id);
comment on table market.fetch_responses is 'One row per answer to an asking, in the order received, refused ones included.';
comment on column market.fetch_responses.fetch_id is 'Asking.';
comment on column market.fetch_responses.part is 'Position among its answers, from 1.';
comment on column market.fetch_responses.payload_id is 'Its bytes in market.provider_responses, which keeps equal ones once.';
comment on column market.fetch_responses.status is 'Protocol status of the answer.';
comment on column market.fetch_responses.content_type is 'Media type of the answer.';
comment on column market.fetch_responses.request is 'What was asked for, without secrets.';

create table market.backfills (
    backfill_id bigint generated always as identity primary key,
    providers text not null,
    first_session date not null,
    last_session date not null check (last_session >= first_session),
    state text not null default 'OPEN' check (state in ('OPEN', 'DONE', 'ABANDONED')),
    worker text not null,
    leased_until timestamptz not null,
    opened_at timestamptz not null,
    closed_at timestamptz check (closed_at >= opened_at),
    check ((state = 'OPEN') = (closed_at is null))
);
create unique index backfills_open on market.backfills (providers, first_session, last_session) where state = 'OPEN';
comment on table market.backfills is 'One row per backfill: what is asked for, and the process that works on it.';
comment on column market.backfills.backfill_id is 'Number of the backfill.';
comment on column market.backfills.providers is 'What it asks: the word given to ingest --provider.';
comment on column market.backfills.first_session is 'First session asked for.';
comment on column market.backfills.last_session is 'Last session asked for.';
comment on column market.backfills.state is 'OPEN until every item is DONE; ABANDONED where --restart began another.';
comment on column market.backfills.worker is 'Process that holds it; another may take it over when the lease is over.';
comment on column market.backfills.leased_until is 'Wall instant until which it is the worker''s; each finished item renews it.';
comment on column market.backfills.opened_at is 'Wall instant of opening.';
comment on column market.backfills.closed_at is 'Wall instant of the end.';

create table market.backfill_items (
    backfill_id bigint not null references market.backfills,
    symbol text not null references ref.instruments,
    state text not null default 'PENDING' check (state in ('PENDING', 'DONE', 'FAILED')),
    fetch_id bigint references market.fetches,
    reason text,
    finished_at timestamptz,
    primary key (backfill_id, symbol),
    check ((state = 'FAILED') = (reason is not null)),
    check ((state = 'DONE') = (fetch_id is not null)),
    check ((state = 'PENDING') = (finished_at is null))
);
comment on table market.backfill_items is 'One row per backfill and symbol: DONE in the transaction that stored its bars.';
comment on column market.backfill_items.backfill_id is 'Backfill.';
comment on column market.backfill_items.symbol is 'Instrument.';
comment on column market.backfill_items.state is 'PENDING; DONE: never asked for again; FAILED: asked for again by the next run.';
comment on column market.backfill_items.fetch_id is 'Asking that brought its bars.';
comment on column market.backfill_items.reason is 'Why no source gave it.';
comment on column market.backfill_items.finished_at is 'Wall instant of the last change.';

-- What was taken in before: an asking per batch, of the same number. Of a revision known_at says when it was received; the
-- earliest of a batch is that instant, or later than every close, where nothing tells the two apart.
alter table market.ingest_batches add column fetch_id bigint references market.fetches;
with revised as (
    select b.batch_id, b.known_at from market.provider_bars as b where b.revision > 0
    union all
    select a.batch_id, a.known_at from market.corporate_actions as a where a.revision > 0
    union all
    select f.batch_id, f.known_at from market.fundamentals as f where f.revision > 0 and f.known_at > f.filed_at
    union all
    select n.batch_id, n.known_at from market.news as n where n.revision > 0
),

received as (
    select r.batch_id, min(r.known_at) as known_at from revised as r group by r.batch_id
)

insert into market.fetches (
    fetch_id, provider, symbol, purpose, asked_at, received_at, recorded_at, outcome, fault, reason
)
overriding system value
select
    b.batch_id, b.provider, b.symbol, case b.provider when 'file' then 'file' else 'ingest' end,
    least(b.opened_at, coalesce(r.known_at, b.opened_at)), coalesce(r.known_at, b.opened_at), coalesce(b.closed_at, b.opened_at),
    case b.state when 'DONE' then 'OK' else 'FAILED' end, case b.state when 'DONE' then null else 'UNREADABLE' end,
    case b.state when 'DONE' then null else coalesce(b.reason, 'the batch was never closed') end
from market.ingest_batches as b
    left join received as r on r.batch_id = b.batch_id
where b.payload_id is not null;
insert into market.fetch_responses (fetch_id, part, payload_id, status, content_type, request)
select b.batch_id, 1, b.payload_id, r.status, r.content_type, r.request
from market.ingest_batches as b
    join market.provider_responses as r on r.payload_id = b.payload_id;
update market.ingest_batches set fetch_id = batch_id where payload_id is not null;
select setval(
    pg_get_serial_sequence('market.fetches', 'fetch_id'), coalesce(max(f.fetch_id), 1), count(f.fetch_id) > 0
) from market.fetches as f;

create unique index ingest_batches_fetch on market.ingest_batches (fetch_id);
comment on column market.ingest_batches.fetch_id is 'Asking whose answers the rows came from; NULL only in rows no ingest made.';
comment on column market.ingest_batches.payload_id is 'Last answer of the asking, the one that counted.';

-- Retention removes bytes and nothing else: what was asked, its hash and its length stay.
alter table market.provider_responses alter column payload drop not null;
alter table market.provider_responses add column pruned_at timestamptz;
comment on column market.provider_responses.payload is 'The answer, gzip-compressed; NULL once market.prune_payloads removed it.';
comment on column market.provider_responses.pruned_at is 'Wall instant its bytes were removed; NULL while they are there.';
