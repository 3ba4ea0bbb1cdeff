-- 0003 market: what was received, what was made of it, and when it was known.

create table market.provider_responses (
    payload_id bigint generated always as identity,
    provider text not null references ref.providers,
    request jsonb not null,
    status text not null,
    content_type text not null,
    payload bytea not null,
    payload_sha256 bytea not null check (length(payload_sha256) = 32),
    payload_bytes bigint not null check (payload_bytes >= 0),
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (payload_id, recorded_at)
);
create index provider_responses_hash on market.provider_responses (provider, payload_sha256);
comment on table market.provider_responses is 'One row per distinct answer of a provider, byte for byte (compressed): every stored bar leads back to one.';
comment on column market.provider_responses.payload_id is 'Number of the payload.';
comment on column market.provider_responses.provider is 'Source.';
comment on column market.provider_responses.request is 'What was asked for, without secrets.';
comment on column market.provider_responses.status is 'Protocol status of the answer, e.g. 200 or package.';
comment on column market.provider_responses.content_type is 'Media type of the payload before compression.';
comment on column market.provider_responses.payload is 'The answer, gzip-compressed.';
comment on column market.provider_responses.payload_sha256 is 'SHA-256 of the uncompressed payload.';
comment on column market.provider_responses.payload_bytes is 'Length of the uncompressed payload in bytes.';
comment on column market.provider_responses.recorded_at is 'Wall instant of storage.';

create table market.ingest_batches (
    batch_id bigint generated always as identity primary key,
    provider text not null references ref.providers,
    payload_id bigint,
    symbol text not null references ref.instruments,
    state text not null default 'OPEN' check (state in ('OPEN', 'DONE', 'REFUSED')),
    reason text,
    rows_received integer not null default 0,
    rows_duplicate integer not null default 0,
    rows_quarantined integer not null default 0,
    rows_added integer not null default 0,
    rows_revised integer not null default 0,
    rows_unchanged integer not null default 0,
    rows_superseded integer not null default 0,
    first_session date,
    last_session date,
    opened_at timestamptz not null default clock_timestamp(),
    closed_at timestamptz
);
create index ingest_batches_symbol on market.ingest_batches (symbol, batch_id);
comment on table market.ingest_batches is 'One row per payload and symbol: what became of its rows (duplicates are what ruling F3 counts).';
comment on column market.ingest_batches.batch_id is 'Number of the batch.';
comment on column market.ingest_batches.provider is 'Source.';
comment on column market.ingest_batches.payload_id is 'Raw payload the rows came from.';
comment on column market.ingest_batches.symbol is 'Instrument.';
comment on column market.ingest_batches.state is 'OPEN while rows land, DONE, or REFUSED as a whole.';
comment on column market.ingest_batches.reason is 'Why a batch was refused.';
comment on column market.ingest_batches.rows_received is 'Rows that landed.';
comment on column market.ingest_batches.rows_duplicate is 'Rows whose session occurred before in the payload.';
comment on column market.ingest_batches.rows_quarantined is 'Rows set aside with a reason.';
comment on column market.ingest_batches.rows_added is 'Sessions stored for the first time.';
comment on column market.ingest_batches.rows_revised is 'Sessions whose bar differs from the stored one.';
comment on column market.ingest_batches.rows_unchanged is 'Sessions equal to what is stored.';
comment on column market.ingest_batches.rows_superseded is 'Elected bars replaced by this batch through a better priority.';
comment on column market.ingest_batches.first_session is 'First valid session of the payload.';
comment on column market.ingest_batches.last_session is 'Last valid session of the payload.';
comment on column market.ingest_batches.opened_at is 'Wall instant of opening.';
comment on column market.ingest_batches.closed_at is 'Wall instant of DONE or REFUSED.';

create unlogged table market.bar_landing (
    batch_id bigint not null,
    row_number integer not null,
    session date,
    open double precision,
    high double precision,
    low double precision,
    close double precision,
    adj_close double precision,
    volume double precision
);
create index bar_landing_batch on market.bar_landing (batch_id);
comment on table market.bar_landing is 'Rows on their way in: insert-only for fund_ingestor, taken and removed by market.ingest_bars(batch).';
comment on column market.bar_landing.batch_id is 'Batch the row belongs to.';
comment on column market.bar_landing.row_number is 'Position in the payload, from 1.';
comment on column market.bar_landing.session is 'Exchange date as received.';
comment on column market.bar_landing.open is 'Opening price as received.';
comment on column market.bar_landing.high is 'Highest price as received.';
comment on column market.bar_landing.low is 'Lowest price as received.';
comment on column market.bar_landing.close is 'Closing price as received.';
comment on column market.bar_landing.adj_close is 'The provider''s adjusted close as received.';
comment on column market.bar_landing.volume is 'Volume as received, shares.';

-- No foreign keys on the two bulk tables: market.ingest_bars alone writes them and copies provider, symbol and batch from the
-- batch's row, which has them; checked once more for every bar they made an ingest three times as slow (measured).
create table market.provider_bars (
    provider text not null,
    symbol text not null,
    session date not null,
    revision integer not null check (revision >= 0),
    open double precision,
    high double precision,
    low double precision,
    close double precision not null check (close > 0 and close < 'Infinity'),
    volume double precision check (volume >= 0 and volume < 'Infinity'),
    price_kind text not null check (price_kind in ('ohlcv', 'close')),
    price_basis text not null check (price_basis in ('raw', 'split_adjusted', 'fully_adjusted')),
    batch_id bigint not null,
    known_at timestamptz not null,
    recorded_at timestamptz not null,
    primary key (symbol, session, provider, revision),
    check (price_kind = 'close' and open is null and high is null and low is null
        or price_kind = 'ohlcv' and open > 0 and low > 0 and high < 'Infinity' and open < 'Infinity'
        and high >= low and close between low and high and open between low and high)
);
comment on table market.provider_bars is 'One row per provider, symbol, session and revision; never changed. What each source said, and when it was known.';
comment on column market.provider_bars.provider is 'Source.';
comment on column market.provider_bars.symbol is 'Instrument.';
comment on column market.provider_bars.session is 'Exchange date of the bar.';
comment on column market.provider_bars.revision is '0 for the first bar of the session by this source, then 1, 2, ….';
comment on column market.provider_bars.open is 'Opening price in the listing currency; NULL for price kind close.';
comment on column market.provider_bars.high is 'Highest price; NULL for price kind close.';
comment on column market.provider_bars.low is 'Lowest price; NULL for price kind close.';
comment on column market.provider_bars.close is 'Closing price.';
comment on column market.provider_bars.volume is 'Shares traded; NULL where the source has none.';
comment on column market.provider_bars.price_kind is 'ohlcv or close.';
comment on column market.provider_bars.price_basis is 'raw, split_adjusted or fully_adjusted.';
comment on column market.provider_bars.batch_id is 'Batch that brought it.';
comment on column market.provider_bars.known_at is 'When it could first be known: close of its session plus the provider''s delay; a revision: when it was received.';
comment on column market.provider_bars.recorded_at is 'Wall instant of storage.';

create table market.price_history (
    symbol text not null,
    session date not null,
    open double precision,
    high double precision,
    low double precision,
    close double precision not null check (close > 0 and close < 'Infinity'),
    adj_close double precision,
    volume double precision,
    provider text not null,
    revision integer not null,
    price_kind text not null,
    price_basis text not null,
    known_at timestamptz not null,
    recorded_at timestamptz not null,
    primary key (symbol, session)
);
-- What of a symbol changed since an instant, without reading its history: the features' increments ask this (ruling F9).
create index price_history_recorded on market.price_history (symbol, recorded_at, session);
comment on table market.price_history is 'One row per symbol and session: the elected bar, by provider priority within the instrument''s price basis, newest revision.';
comment on column market.price_history.symbol is 'Instrument.';
comment on column market.price_history.session is 'Exchange date of the bar; no time zone can move it.';
comment on column market.price_history.open is 'Opening price; NULL for price kind close.';
comment on column market.price_history.high is 'Highest price; NULL for price kind close.';
comment on column market.price_history.low is 'Lowest price; NULL for price kind close.';
comment on column market.price_history.close is 'Closing price in the listing currency, on price_basis.';
comment on column market.price_history.adj_close is 'The provider''s own adjusted close when the bar was stored: evidence, never used in a number (ruling F9).';
comment on column market.price_history.volume is 'Shares traded.';
comment on column market.price_history.provider is 'Elected source.';
comment on column market.price_history.revision is 'Revision of market.provider_bars it equals.';
comment on column market.price_history.price_kind is 'ohlcv or close.';
comment on column market.price_history.price_basis is 'raw, split_adjusted or fully_adjusted.';
comment on column market.price_history.known_at is 'When it could first be known.';
comment on column market.price_history.recorded_at is 'Wall instant of storage of the elected revision or of its election.';

create table market.quarantined_bars (
    quarantine_id bigint generated always as identity primary key,
    batch_id bigint not null references market.ingest_batches,
    row_number integer not null,
    symbol text not null,
    reason text not null,
    received jsonb not null,
    recorded_at timestamptz not null default clock_timestamp()
);
create index quarantined_bars_symbol on market.quarantined_bars (symbol);
comment on table market.quarantined_bars is 'One row per received row that was set aside, with the reason; nothing received is dropped silently.';
comment on column market.quarantined_bars.quarantine_id is 'Number of the row.';
comment on column market.quarantined_bars.batch_id is 'Batch that brought it.';
comment on column market.quarantined_bars.row_number is 'Position in the payload.';
comment on column market.quarantined_bars.symbol is 'Instrument.';
comment on column market.quarantined_bars.reason is 'NON_SESSION, FUTURE_SESSION, NULL_PRICE, NON_FINITE, NON_POSITIVE, HIGH_BELOW_LOW, OUTSIDE_RANGE, NEGATIVE_VOLUME, DUPLICATE_CONFLICT.';
comment on column market.quarantined_bars.received is 'The row as received; non-finite numbers as text.';
comment on column market.quarantined_bars.recorded_at is 'Wall instant.';

create table market.corporate_actions (
    provider text not null references ref.providers,
    symbol text not null references ref.instruments,
    ex_date date not null,
    kind text not null check (kind in ('split', 'dividend')),
    revision integer not null check (revision >= 0),
    factor double precision not null check (factor > 0 and factor < 'Infinity'),
    amount double precision check (amount >= 0 and amount < 'Infinity'),
    batch_id bigint not null references market.ingest_batches,
    known_at timestamptz not null,
    recorded_at timestamptz not null,
    primary key (symbol, ex_date, kind, provider, revision)
);
create index corporate_actions_recorded on market.corporate_actions (symbol, recorded_at, ex_date);
comment on table market.corporate_actions is 'One row per provider, symbol, ex-date, kind and revision: splits and dividends of the raw series.';
comment on column market.corporate_actions.provider is 'Source it comes from or was derived from.';
comment on column market.corporate_actions.symbol is 'Instrument.';
comment on column market.corporate_actions.ex_date is 'First session that trades without it.';
comment on column market.corporate_actions.kind is 'split or dividend.';
comment on column market.corporate_actions.revision is '0, then 1, 2, … where a source restates it; factor 1 cancels it.';
comment on column market.corporate_actions.factor is 'Multiplies every price from the ex-date on (ruling F9): 2 for a 2:1 split; 1 + dividend/close of the ex-date for a dividend, the total return of that day.';
comment on column market.corporate_actions.amount is 'Shares for one (split) or USD a share (dividend), where known.';
comment on column market.corporate_actions.batch_id is 'Batch that brought it.';
comment on column market.corporate_actions.known_at is 'When it could first be known: a split at the opening of the ex-date, a dividend''s factor with the close it contains, a restatement when received.';
comment on column market.corporate_actions.recorded_at is 'Wall instant of storage.';
