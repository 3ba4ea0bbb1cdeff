-- trade.open_breaks: what a person has to resolve.
create or replace view trade.open_breaks as
select b.break_id, b.account, b.kind, k.effect, b.symbol, b.subject, b.evidence, b.raised_at
from trade.breaks as b
    join ref.break_kinds as k on k.kind = b.kind
where not exists (select 1 from trade.break_resolutions as r where r.break_id = b.break_id);
comment on view trade.open_breaks is 'One row per break nobody has resolved yet.';
comment on column trade.open_breaks.break_id is 'Break.';
comment on column trade.open_breaks.account is 'Account.';
comment on column trade.open_breaks.kind is 'Kind of ref.break_kinds.';
comment on column trade.open_breaks.effect is 'HALT of the account or QUARANTINE of the symbol.';
comment on column trade.open_breaks.symbol is 'Symbol, where it is about one.';
comment on column trade.open_breaks.subject is 'Order or execution it is about.';
comment on column trade.open_breaks.evidence is 'Ours and theirs.';
comment on column trade.open_breaks.raised_at is 'Instant by ops.now().';
