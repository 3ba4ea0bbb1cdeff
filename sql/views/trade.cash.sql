-- trade.cash: the balance of an account is the sum of its ledger, never an updated cell.
create or replace view trade.cash as
select
    l.account,
    sum(l.amount) as balance,
    sum(l.amount) filter (where l.kind in ('deposit', 'withdrawal')) as contributed,
    -coalesce(sum(l.amount) filter (where l.kind = 'fee'), 0) as fees
from trade.cash_ledger as l
group by l.account;
comment on view trade.cash is 'One row per account: its cash, the sum of trade.cash_ledger.';
comment on column trade.cash.account is 'Account.';
comment on column trade.cash.balance is 'Cash, USD.';
comment on column trade.cash.contributed is 'Deposits less withdrawals, USD: the capital the kill loss is measured against (A6).';
comment on column trade.cash.fees is 'Fees paid, USD.';
