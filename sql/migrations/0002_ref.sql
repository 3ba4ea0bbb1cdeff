-- 0002 ref: calendar, universe, providers and broker rules.

create table ref.calendars (
    calendar text primary key,
    name text not null,
    time_zone text not null
);
comment on table ref.calendars is 'One row per exchange calendar.';
comment on column ref.calendars.calendar is 'ISO 10383 market identifier code, e.g. XNYS.';
comment on column ref.calendars.name is 'Name of the exchange.';
comment on column ref.calendars.time_zone is 'IANA time zone of the exchange.';

create table ref.sessions (
    calendar text not null references ref.calendars,
    session date not null,
    opens_at timestamptz not null,
    closes_at timestamptz not null check (closes_at > opens_at),
    half_day boolean not null,
    session_number integer not null,
    primary key (calendar, session),
    unique (calendar, session_number)
);
comment on table ref.sessions is 'One row per calendar and trading session (ruling F17: the calendar row decides).';
comment on column ref.sessions.calendar is 'Market identifier code.';
comment on column ref.sessions.session is 'Exchange date of the session.';
comment on column ref.sessions.opens_at is 'Instant of the opening.';
comment on column ref.sessions.closes_at is 'Instant of the close.';
comment on column ref.sessions.half_day is 'True where the session closes early.';
comment on column ref.sessions.session_number is 'Consecutive count of the calendar''s sessions: differences count sessions.';

create table ref.instruments (
    symbol text primary key check (symbol ~ '^[A-Z][A-Z0-9]{0,9}([./-][A-Z0-9]{1,5})?$'),
    name text not null,
    asset_class text not null check (asset_class in ('equity', 'etf', 'index', 'crypto', 'fx')),
    calendar text not null references ref.calendars,
    currency text not null check (currency = 'USD'),
    price_kind text not null check (price_kind in ('ohlcv', 'close')),
    price_basis text not null check (price_basis in ('raw', 'split_adjusted', 'fully_adjusted')),
    tradable boolean not null,
    shortable boolean not null,
    is_benchmark boolean not null
);
comment on table ref.instruments is 'One row per instrument ever known; what is traded on a date is ref.universe.';
comment on column ref.instruments.symbol is 'Our symbol: upper case, class after a point (BRK.B).';
comment on column ref.instruments.name is 'Name of the issuer or fund.';
comment on column ref.instruments.asset_class is 'equity, etf, index, crypto or fx.';
comment on column ref.instruments.calendar is 'Exchange calendar of its sessions.';
comment on column ref.instruments.currency is 'Quotation currency; anything but USD is refused (ruling F8).';
comment on column ref.instruments.price_kind is 'ohlcv: bars; close: one price a session (funds, fixings), no open, high, low.';
comment on column ref.instruments.price_basis is 'Basis its elected history is kept in: only bars of this basis are elected, others are a second opinion.';
comment on column ref.instruments.tradable is 'False for an index kept as a benchmark only.';
comment on column ref.instruments.shortable is 'True where a short sale is allowed (ruling A3).';
comment on column ref.instruments.is_benchmark is 'True for the benchmark of its asset class (ruling C7).';

create table ref.universe (
    symbol text not null references ref.instruments,
    sector text not null,
    valid_from date not null,
    valid_to date not null default 'infinity' check (valid_to > valid_from),
    primary key (symbol, valid_from)
);
comment on table ref.universe is 'One row per symbol and spell in the universe, with its sector then (effective-dated, ruling A2).';
comment on column ref.universe.symbol is 'Instrument.';
comment on column ref.universe.sector is 'GICS sector name, or Index for a broad index ETF, or Unknown.';
comment on column ref.universe.valid_from is 'First session of the spell.';
comment on column ref.universe.valid_to is 'First date after the spell; infinity while it lasts.';

create table ref.providers (
    provider text primary key,
    priority integer not null unique,
    price_basis text not null check (price_basis in ('raw', 'split_adjusted', 'fully_adjusted')),
    price_kind text not null check (price_kind in ('ohlcv', 'close')),
    delay_minutes integer not null check (delay_minutes >= 0),
    description text not null
);
comment on table ref.providers is 'One row per source of bars; lower priority number is elected first (ruling F8).';
comment on column ref.providers.provider is 'Name of the source.';
comment on column ref.providers.priority is 'Order of election, 1 first.';
comment on column ref.providers.price_basis is 'What its prices are: raw, adjusted for splits, or for splits and dividends.';
comment on column ref.providers.price_kind is 'ohlcv or close.';
comment on column ref.providers.delay_minutes is 'Minutes after the close until a bar of it is known.';
comment on column ref.providers.description is 'What it is and where it comes from.';

create table ref.broker_rules (
    rule text primary key,
    broker text not null,
    asset_class text not null,
    parameter double precision check (parameter is null or parameter < 'Infinity'),
    description text not null
);
comment on table ref.broker_rules is 'One row per rule of a broker that an order must satisfy before it is placed.';
comment on column ref.broker_rules.rule is 'Name of the rule, given as refused_by.';
comment on column ref.broker_rules.broker is 'Broker it belongs to, or all.';
comment on column ref.broker_rules.asset_class is 'Asset class it applies to, or all.';
comment on column ref.broker_rules.parameter is 'Number of the rule, where it has one (USD, shares).';
comment on column ref.broker_rules.description is 'What the rule demands.';
insert into ref.broker_rules (rule, broker, asset_class, parameter, description) values
('FRACTION_DAY_ONLY', 'all', 'all', null, 'a fractional quantity only with time in force DAY (ruling F15)'),
('NO_FRACTIONAL_SHORT', 'all', 'all', null, 'a short sale in whole shares (ruling A3)'),
('SHORTABLE_ONLY', 'all', 'all', null, 'a short sale only of an instrument marked shortable (ruling A3)'),
('CLOSE_BEFORE_FLIP', 'all', 'all', null, 'an order may close a position or open one, never both'),
('MIN_NOTIONAL', 'all', 'all', 1.0, 'at least this notional value in USD, an exit to zero aside');
