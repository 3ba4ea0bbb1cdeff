-- audit.accounts: the accounts there are; an account that is only configured is opened by its first cycle.
create or replace view audit.accounts as
select
    a.account, a.broker, a.kind, a.broker_account_id, a.base_currency, a.calendar, a.opening_capital, a.opened_at, a.recorded_at
from trade.accounts as a;
comment on view audit.accounts is 'One row per trading account.';
comment on column audit.accounts.account is 'Our name of the account.';
comment on column audit.accounts.broker is 'Broker that executes.';
comment on column audit.accounts.kind is 'paper or live.';
comment on column audit.accounts.broker_account_id is 'Account id the broker must report; NULL for the paper broker.';
comment on column audit.accounts.base_currency is 'Currency of cash and NAV.';
comment on column audit.accounts.calendar is 'Calendar that decides its sessions.';
comment on column audit.accounts.opening_capital is 'USD contributed at opening; audit.nav_history has that of each session.';
comment on column audit.accounts.opened_at is 'Instant by ops.now().';
comment on column audit.accounts.recorded_at is 'Wall instant.';
