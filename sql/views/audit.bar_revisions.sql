-- audit.bar_revisions: every bar a source restated, what it said before, and how many decisions had used the older one.
create or replace view audit.bar_revisions as
select
    b.symbol, b.session, b.provider, b.revision, e.close as earlier_close, b.close, b.known_at, b.recorded_at, b.batch_id,
    (
        select count(*)
        from decide.decisions as d
            join decide.cycles as c on c.cycle_id = d.cycle_id
            join decide.cycle_runs as r on r.cycle_id = d.cycle_id and r.run = d.run
        where d.symbol = b.symbol and c.as_of_session >= b.session and (r.recorded_before < b.recorded_at or c.as_of < b.known_at)
            and c.as_of >= e.known_at and r.recorded_before >= e.recorded_at
    ) as decisions_before
from market.provider_bars as b
    join market.provider_bars as e
        on e.symbol = b.symbol and e.session = b.session and e.provider = b.provider and e.revision = b.revision - 1
where b.revision > 0;
comment on view audit.bar_revisions is 'One row per revision of a bar by its source.';
comment on column audit.bar_revisions.symbol is 'Instrument.';
comment on column audit.bar_revisions.session is 'Exchange date of the bar.';
comment on column audit.bar_revisions.provider is 'Source.';
comment on column audit.bar_revisions.revision is '1, 2, ….';
comment on column audit.bar_revisions.earlier_close is 'Close of the revision before.';
comment on column audit.bar_revisions.close is 'Close of this one.';
comment on column audit.bar_revisions.known_at is 'When it could first be known.';
comment on column audit.bar_revisions.recorded_at is 'Wall instant of storage.';
comment on column audit.bar_revisions.batch_id is 'Batch that brought it.';
comment on column audit.bar_revisions.decisions_before is
'Decisions that saw the revision before and could not know this one; audit.restatements names them.';
