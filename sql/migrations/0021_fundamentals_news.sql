-- 0021 fundamentals_news: what companies filed and what was written about them, each with the instant it was public, and a second
-- opinion on a headline's tone. Facts with revisions, like bars (ARCHITECTURE section 2, Time).

create table market.fundamentals (
    provider text not null references ref.providers,
    symbol text not null references ref.instruments,
    period_end date not null,
    period_months integer not null check (period_months between 0 and 12),
    revision integer not null check (revision >= 0),
    form text not null check (form <> ''),
    accession text,
    filed_at timestamptz not null,
    eps_diluted double precision check (eps_diluted > '-Infinity' and eps_diluted < 'Infinity'),
    revenue double precision check (revenue > '-Infinity' and revenue < 'Infinity'),
    net_income double precision check (net_income > '-Infinity' and net_income < 'Infinity'),
    operating_cash_flow double precision check (operating_cash_flow > '-Infinity' and operating_cash_flow < 'Infinity'),
    capital_expenditure double precision check (capital_expenditure >= 0 and capital_expenditure < 'Infinity'),
    free_cash_flow double precision check (free_cash_flow > '-Infinity' and free_cash_flow < 'Infinity'),
    dividends_paid double precision check (dividends_paid >= 0 and dividends_paid < 'Infinity'),
    dividends_per_share double precision check (dividends_per_share >= 0 and dividends_per_share < 'Infinity'),
    book_value double precision check (book_value > '-Infinity' and book_value < 'Infinity'),
    total_assets double precision check (total_assets >= 0 and total_assets < 'Infinity'),
    total_liabilities double precision check (total_liabilities >= 0 and total_liabilities < 'Infinity'),
    shares_outstanding double precision check (shares_outstanding > 0 and shares_outstanding < 'Infinity'),
    market_cap double precision check (market_cap > 0 and market_cap < 'Infinity'),
    batch_id bigint not null references market.ingest_batches,
    known_at timestamptz not null,
    recorded_at timestamptz not null,
    primary key (symbol, period_end, period_months, provider, revision),
    check (known_at >= filed_at),
    check (num_nonnulls(
        eps_diluted, revenue, net_income, operating_cash_flow, capital_expenditure, free_cash_flow, dividends_paid,
        dividends_per_share, book_value, total_assets, total_liabilities, shares_outstanding, market_cap
    ) > 0)
);
create index fundamentals_known on market.fundamentals (symbol, known_at, period_end);
comment on table market.fundamentals is
'One row per provider, symbol, period and revision, as reported; never changed. A filing that states a period anew, '
'with another number, is a new revision, known when it was filed; a source that corrects what it said of the same '
'filing is one known when it was received. A view at an as-of takes, of each period, the newest revision known by then.';
comment on column market.fundamentals.provider is 'Source.';
comment on column market.fundamentals.symbol is 'Instrument.';
comment on column market.fundamentals.period_end is 'Last day of the period; of a vendor''s snapshot its date.';
comment on column market.fundamentals.period_months is
'Months the flows cover: 3, 6, 9 (year to date) or 12; 0 where the row has balance-sheet figures only.';
comment on column market.fundamentals.revision is '0 for the first statement of the period by this source, then 1, 2, ….';
comment on column market.fundamentals.form is
'What stated it: 10-K, 10-Q, 10-K/A, …; snapshot for a vendor''s trailing figures; annual for a vendor''s year.';
comment on column market.fundamentals.accession is 'The filing''s accession number, where there is one.';
comment on column market.fundamentals.filed_at is
'Public instant of the filing. A source that gives a date alone: the end of EDGAR''s acceptance on it, 22:00 New York.';
comment on column market.fundamentals.eps_diluted is
'Diluted earnings a share of the period, USD, on the share basis of the filing: a later split leaves it as it was.';
comment on column market.fundamentals.revenue is 'Revenue of the period, USD.';
comment on column market.fundamentals.net_income is 'Net income of the period, USD.';
comment on column market.fundamentals.operating_cash_flow is 'Cash flow from operations of the period, USD.';
comment on column market.fundamentals.capital_expenditure is
'Payments for property, plant and equipment of the period, USD, positive.';
comment on column market.fundamentals.free_cash_flow is 'Free cash flow of the period as the source states it, USD.';
comment on column market.fundamentals.dividends_paid is 'Dividends paid on common stock in the period, USD, positive.';
comment on column market.fundamentals.dividends_per_share is
'Dividends a share declared for the period, USD, on the share basis of the filing.';
comment on column market.fundamentals.book_value is 'Shareholders'' equity at the end of the period, USD.';
comment on column market.fundamentals.total_assets is 'Total assets at the end of the period, USD.';
comment on column market.fundamentals.total_liabilities is 'Total liabilities at the end of the period, USD.';
comment on column market.fundamentals.shares_outstanding is
'Common shares outstanding as the filing states them, on its own share basis.';
comment on column market.fundamentals.market_cap is
'Market capitalisation at the end of the period, USD, where the source states one (a vendor''s snapshot); else NULL.';
comment on column market.fundamentals.batch_id is 'Batch that brought it.';
comment on column market.fundamentals.known_at is
'When it could first be known: filed_at; a correction by the source: when received.';
comment on column market.fundamentals.recorded_at is 'Wall instant of storage.';

create table market.news (
    provider text not null references ref.providers,
    symbol text not null references ref.instruments,
    story text not null check (story <> ''),
    revision integer not null check (revision >= 0),
    published_at timestamptz not null,
    source text not null check (source <> ''),
    headline text not null check (length(headline) between 1 and 1000),
    headline_sha256 bytea not null check (length(headline_sha256) = 32),
    symbols text[] not null,
    batch_id bigint not null references market.ingest_batches,
    known_at timestamptz not null,
    recorded_at timestamptz not null,
    primary key (symbol, provider, story, revision),
    check (known_at >= published_at)
);
create index news_published on market.news (symbol, published_at);
create index news_headline on market.news (headline_sha256);
comment on table market.news is
'One row per provider, symbol, story and revision: a headline that names the symbol, and when it was public; never '
'changed. A corrected headline is a new revision, known when it was received.';
comment on column market.news.provider is 'Source of the feed.';
comment on column market.news.symbol is 'Instrument the story names.';
comment on column market.news.story is
'The source''s own number of the story; where it has none, the digest of instant and headline.';
comment on column market.news.revision is '0, then 1, 2, … where the source corrects the story.';
comment on column market.news.published_at is
'Public instant. A source that gives a date alone: the end of that day in New York.';
comment on column market.news.source is 'Who wrote it, as the feed names it.';
comment on column market.news.headline is 'Headline as received, white space trimmed.';
comment on column market.news.headline_sha256 is 'SHA-256 of the headline''s UTF-8 bytes: the same words are scored once.';
comment on column market.news.symbols is
'Every symbol the source says the story is about, as received: a story about forty names says little of one.';
comment on column market.news.batch_id is 'Batch that brought it.';
comment on column market.news.known_at is 'When it could first be known: published_at; a correction: when it was received.';
comment on column market.news.recorded_at is 'Wall instant of storage.';

create table market.headline_opinions (
    headline_sha256 bytea not null check (length(headline_sha256) = 32),
    scorer text not null check (scorer <> ''),
    scorer_version text not null check (scorer_version <> ''),
    score double precision not null check (score between -1 and 1),
    recorded_at timestamptz not null,
    primary key (headline_sha256, scorer, scorer_version)
);
comment on table market.headline_opinions is
'One row per headline, scorer and version: a second opinion on its tone by a scorer of the ingest''s (VADER). It never '
'makes a score of ours; where it contradicts one, confidence falls.';
comment on column market.headline_opinions.headline_sha256 is 'Headline, as market.news keys it.';
comment on column market.headline_opinions.scorer is 'Library that scored it.';
comment on column market.headline_opinions.scorer_version is 'Its version.';
comment on column market.headline_opinions.score is 'Tone from -1 to 1.';
comment on column market.headline_opinions.recorded_at is 'Wall instant of storage.';

create table market.quarantined_facts (
    quarantine_id bigint generated always as identity primary key,
    batch_id bigint not null references market.ingest_batches,
    kind text not null check (kind in ('fundamentals', 'news')),
    row_number integer not null,
    symbol text not null,
    reason text not null check (reason <> ''),
    received jsonb not null,
    recorded_at timestamptz not null default clock_timestamp()
);
create index quarantined_facts_symbol on market.quarantined_facts (symbol);
comment on table market.quarantined_facts is
'One row per received filing or headline that was set aside, with the reason; nothing received is dropped silently.';
comment on column market.quarantined_facts.quarantine_id is 'Number of the row.';
comment on column market.quarantined_facts.batch_id is 'Batch that brought it.';
comment on column market.quarantined_facts.kind is 'fundamentals or news.';
comment on column market.quarantined_facts.row_number is 'Position in the payload, from 1.';
comment on column market.quarantined_facts.symbol is 'Instrument.';
comment on column market.quarantined_facts.reason is 'Code of what is wrong with it.';
comment on column market.quarantined_facts.received is 'The row as received; non-finite numbers as text.';
comment on column market.quarantined_facts.recorded_at is 'Wall instant.';
