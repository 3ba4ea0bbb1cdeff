-- 0022 fact_batches: a batch says what it brought, so that what a feed repeats is not counted against an instrument's bars
-- (F3); every filing of a period is a revision.

-- The default is a constant and the table has a row per payload and symbol: neither is rewritten or scanned for long.
-- squawk-ignore-file constraint-missing-not-valid

alter table market.ingest_batches
    add column kind text not null default 'bars' check (kind in ('bars', 'fundamentals', 'news'));
comment on column market.ingest_batches.kind is
'bars, fundamentals or news: what an ingest routine closed it as. Ruling F3 counts the duplicates of bars.';

-- "With another number" cannot be told while filings arrive in any order: of 1, 2, 1 filed in three years and received first,
-- third, second, the third would have been passed over as equal to the first, and the second would stand for ever.
comment on table market.fundamentals is
'One row per provider, symbol, period and revision, as reported; never changed. Each filing that states a period is a '
'revision, known when it was filed, whatever the order of arrival; a source that corrects what it said of the same filing '
'makes one known when it was received. A filing has the number its source gives it, else its form and instant. A view at '
'an as-of takes, of each period, the newest statement known by then: by known_at, filed_at, then revision.';
comment on column market.fundamentals.revision is
'0 for the first statement of the period received from this source, then 1, 2, ….';
