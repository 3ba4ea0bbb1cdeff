-- 0009 trade guards: the types the limit checks pass on, finite money, and the indexes of what a basket counts.

create type govern.order_intents as (
    symbol text,
    leg text,
    side text,
    quantity numeric,
    order_type text,
    time_in_force text,
    limit_price numeric,
    stop_price numeric,
    revision integer
);
comment on type govern.order_intents is 'One wish of a basket, with the names and units of trade.orders.';

create type govern.baskets as (
    account text,
    broker text,
    cycle_id text,
    run integer,
    config_sha256 text,
    as_of_session date,
    trade_session date,
    nav numeric,
    order_count integer,
    basket_value numeric,
    turnover_value numeric,
    limits jsonb,
    rules jsonb
);
comment on type govern.baskets is
'What all orders of a cycle are judged by: NAV of the as-of session, what was placed already (orders of the account and trade session, USD of the cycle, USD of the session''s increases), limits name to threshold, broker rules name to parameter.';

create type govern.book_lines as (
    symbol text,
    held numeric,
    buys numeric,
    sells numeric,
    market_buys numeric,
    market_sells numeric,
    stops numeric,
    order_count integer,
    price numeric,
    price_session date,
    sector text
);
comment on type govern.book_lines is
'One symbol of an account''s book: position, unfilled buys and sells (market orders also apart, protective stops apart and nowhere else), live orders, last close with its session, sector. Shares and USD.';

create type govern.exposures as (
    held_gross numeric,
    held_long numeric,
    held_short numeric,
    held_sector numeric,
    gross numeric,
    long numeric,
    short numeric,
    sector numeric
);
comment on type govern.exposures is
'Exposures of a book in USD, none negative: of the positions alone (held_) and with its orders (ruling HELD); NULL where a price is missing.';

create type govern.order_contexts as (
    symbol text,
    leg text,
    side text,
    quantity numeric,
    order_type text,
    time_in_force text,
    limit_price numeric,
    releasing boolean,
    as_of_session date,
    governance_state text,
    shortable boolean,
    decided_session date,
    decided_price numeric,
    price numeric,
    price_session date,
    nav numeric,
    reducible numeric,
    reduces boolean,
    order_value numeric,
    basket_value numeric,
    turnover_value numeric,
    name_before numeric,
    name_after numeric,
    exposures_before govern.exposures,
    exposures_after govern.exposures,
    symbol_orders integer,
    day_orders integer,
    executions integer,
    limits jsonb,
    rules jsonb
);
comment on type govern.order_contexts is
'Everything the checks of one order look at, this order counted in. reducible: shares it may trade toward zero before it would open. A NULL is an input that could not be read, and refuses (I17).';

create type govern.limit_findings as (
    limit_name text,
    passed boolean,
    observed numeric,
    threshold numeric,
    reason text
);
comment on type govern.limit_findings is 'What one check found. passed is true or false, never NULL (I17).';

-- NaN sorts above Infinity: `< 'Infinity'` refuses both (I17).
alter table trade.nav
    add constraint nav_finite check (
        cash > '-Infinity' and cash < 'Infinity'
        and long_value >= 0 and long_value < 'Infinity'
        and short_value > '-Infinity' and short_value <= 0
        and nav = cash + long_value + short_value
        and net_flow > '-Infinity' and net_flow < 'Infinity'
    ),
    add constraint nav_index_finite check (
        nav_index > 0 and nav_index < 'Infinity'
        and tactical_mark >= nav_index and lifetime_mark >= tactical_mark and lifetime_mark < 'Infinity'
    );

create index orders_session on trade.orders (account, trade_session);
create index fills_account on trade.fills (account, symbol, session);
create index position_adjustments_account on trade.position_adjustments (account, symbol);
create index cash_ledger_account on trade.cash_ledger (account, session);
