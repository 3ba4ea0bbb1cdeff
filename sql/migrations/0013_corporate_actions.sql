-- 0013 corporate actions: what splits and dividends made of an account's book.

alter table trade.position_adjustments add column session date;
comment on column trade.position_adjustments.session is
'First session whose mark has it; NULL for one that counts from its instant.';

-- One kind more; rows that are there have an older one, and the scan is once.
-- squawk-ignore ban-drop-constraint
alter table trade.cash_ledger drop constraint cash_ledger_kind_check;
-- squawk-ignore constraint-missing-not-valid
alter table trade.cash_ledger add constraint cash_ledger_kind_check
check (kind in ('deposit', 'withdrawal', 'trade', 'fee', 'dividend', 'split', 'interest', 'correction'));

create table trade.applied_actions (
    account text not null references trade.accounts,
    symbol text not null references ref.instruments,
    ex_date date not null,
    kind text not null check (kind in ('split', 'dividend')),
    entry integer not null check (entry > 0),
    provider text not null references ref.providers,
    revision integer not null check (revision >= 0),
    factor numeric not null check (factor > 0 and factor < 'Infinity'),
    amount numeric check (amount >= 0 and amount < 'Infinity'),
    held numeric not null check (held > '-Infinity' and held < 'Infinity'),
    quantity numeric not null check (quantity > '-Infinity' and quantity < 'Infinity'),
    cash numeric not null check (cash > '-Infinity' and cash < 'Infinity'),
    session date not null check (session >= ex_date),
    adjustment_id bigint references trade.position_adjustments,
    entry_id bigint references trade.cash_ledger,
    actor text not null default session_user,
    applied_at timestamptz not null,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (account, symbol, ex_date, kind, entry),
    check (kind = 'split' or quantity = 0),
    check ((quantity = 0) = (adjustment_id is null)),
    check ((cash = 0) = (entry_id is null))
);
comment on table trade.applied_actions is
'One row per account, corporate action and booking of it: what it changed of a position and of cash. Append-only.';
comment on column trade.applied_actions.account is 'Account.';
comment on column trade.applied_actions.symbol is 'Instrument.';
comment on column trade.applied_actions.ex_date is 'First session that trades without it.';
comment on column trade.applied_actions.kind is 'split or dividend.';
comment on column trade.applied_actions.entry is
'1 for its booking; 2, 3, … for the difference where it was restated or a fill before it came late.';
comment on column trade.applied_actions.provider is 'Source of the action.';
comment on column trade.applied_actions.revision is 'Its revision in market.corporate_actions.';
comment on column trade.applied_actions.factor is 'Its factor: new shares for one old, of a split.';
comment on column trade.applied_actions.amount is 'USD a share, of a dividend, where known.';
comment on column trade.applied_actions.held is 'Signed shares held at the close before the ex-date.';
comment on column trade.applied_actions.quantity is 'Signed change of the position, shares.';
comment on column trade.applied_actions.cash is 'Signed change of cash, USD.';
comment on column trade.applied_actions.session is
'First session whose mark has it: the ex-date, or the first one not marked when it was learned.';
comment on column trade.applied_actions.adjustment_id is 'Row of the position.';
comment on column trade.applied_actions.entry_id is 'Row of the cash.';
comment on column trade.applied_actions.actor is 'Login role.';
comment on column trade.applied_actions.applied_at is 'Instant by ops.now().';
comment on column trade.applied_actions.recorded_at is 'Wall instant.';
