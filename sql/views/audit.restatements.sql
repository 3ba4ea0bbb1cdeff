-- audit.restatements: which cycles decided on a bar before its source restated it: each restatement of audit.bar_revisions beside
-- every run that could see the earlier value and not this one.
-- Why: a restatement changes no decision; what it would have changed must be found. Read by: analysts.
create or replace view audit.restatements as
select
    b.symbol, b.session, b.provider, b.revision, e.close as seen_close, b.close as restated_close, b.known_at as restated_at,
    c.cycle_id, r.run, c.account, c.mode, c.as_of_session, c.as_of, d.final_decision,
    -- A source's bar may be a second opinion only: the one elected for the run was the first by priority it could see.
    not exists (
        select 1
        from market.provider_bars as o
            join ref.providers as p on p.provider = o.provider
            join ref.instruments as i on i.symbol = o.symbol and i.price_basis = o.price_basis and i.price_kind = o.price_kind
        where o.symbol = b.symbol and o.session = b.session and o.known_at <= c.as_of and o.recorded_at <= r.recorded_before
            and p.priority < (select q.priority from ref.providers as q where q.provider = b.provider)
    )
    and exists (
        select 1 from ref.instruments as i
        where i.symbol = b.symbol and i.price_basis = b.price_basis and i.price_kind = b.price_kind
    ) as was_elected
from market.provider_bars as b
    join market.provider_bars as e
        on e.symbol = b.symbol and e.session = b.session and e.provider = b.provider and e.revision = b.revision - 1
    join decide.decisions as d on d.symbol = b.symbol
    join decide.cycles as c on c.cycle_id = d.cycle_id and c.as_of_session >= b.session and c.as_of >= e.known_at
    join decide.cycle_runs as r on r.cycle_id = d.cycle_id and r.run = d.run and r.recorded_before >= e.recorded_at
where b.revision > 0 and (r.recorded_before < b.recorded_at or c.as_of < b.known_at);
comment on view audit.restatements is
'One row per restated bar and decision that saw what its source said before; audit.bar_revisions counts them.';
comment on column audit.restatements.symbol is 'Instrument.';
comment on column audit.restatements.session is 'Exchange date of the bar.';
comment on column audit.restatements.provider is 'Source that restated it.';
comment on column audit.restatements.revision is 'The revision the run could not know; it saw the one before.';
comment on column audit.restatements.seen_close is 'Close the run saw of this source.';
comment on column audit.restatements.restated_close is 'Close it was restated to.';
comment on column audit.restatements.restated_at is 'When the restatement could be known.';
comment on column audit.restatements.cycle_id is 'Cycle that saw the earlier value.';
comment on column audit.restatements.run is 'Its run.';
comment on column audit.restatements.account is 'Account it decided for.';
comment on column audit.restatements.mode is 'paper, shadow or live.';
comment on column audit.restatements.as_of_session is 'Last session it saw.';
comment on column audit.restatements.as_of is 'Instant it saw the world as of.';
comment on column audit.restatements.final_decision is 'What it decided of the symbol.';
comment on column audit.restatements.was_elected is
'Whether the earlier value was the bar the run decided on; false where it was a second opinion only.';
