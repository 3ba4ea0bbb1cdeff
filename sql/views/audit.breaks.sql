-- audit.breaks: every difference from a broker's books, and who settled it with which reason.
create or replace view audit.breaks as
select
    b.break_id, b.account, b.kind, k.effect, b.symbol, b.subject, b.evidence, b.raised_at, b.actor as raised_by, r.resolved_at,
    r.actor as resolved_by, r.reason as resolution, r.break_id is null as open
from trade.breaks as b
    join ref.break_kinds as k on k.kind = b.kind
    left join trade.break_resolutions as r on r.break_id = b.break_id;
comment on view audit.breaks is 'One row per difference from a broker''s books.';
comment on column audit.breaks.break_id is 'Number.';
comment on column audit.breaks.account is 'Account.';
comment on column audit.breaks.kind is 'Kind of difference.';
comment on column audit.breaks.effect is 'HALT or QUARANTINE, while open.';
comment on column audit.breaks.symbol is 'Instrument; NULL for the account as a whole.';
comment on column audit.breaks.subject is 'Order, execution or whatever else it is about.';
comment on column audit.breaks.evidence is 'What each side said.';
comment on column audit.breaks.raised_at is 'Instant by ops.now().';
comment on column audit.breaks.raised_by is 'Login role.';
comment on column audit.breaks.resolved_at is 'Instant by ops.now(); NULL while open.';
comment on column audit.breaks.resolved_by is 'Login role.';
comment on column audit.breaks.resolution is 'Why it is settled, as given.';
comment on column audit.breaks.open is 'True until a person settled it.';
