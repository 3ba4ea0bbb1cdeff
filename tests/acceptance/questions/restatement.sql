-- What a vendor sent on the evening of 2008-10-03, as fund_ingestor: KO's close of 2008-09-24, the day we sold it short, restated by
-- 35 basis points; one row for a Saturday and one without a price, which are set aside. The only rows here that no market made.
\set QUIET on
select a.payload_id from market.archive_payload(
    'skfolio', '{"symbol": "KO", "restated": "2008-09-24"}', 'ok', 'text/csv', 'KO,2008-09-24', sha256('KO,2008-09-24'), 13
) as a \gset
select market.open_fetch('skfolio', 'KO', 'ingest', null, null, null) as fetch \gset
select market.add_response(:fetch, :payload_id, 'ok', 'text/csv', '{}') \gset
select market.open_batch(:fetch) as batch \gset
insert into market.bar_landing (batch_id, row_number, session, close) values
(:batch, 1, '2008-09-24', 15.9), (:batch, 2, '2008-09-27', 16.5), (:batch, 3, '2008-09-25', null);
select rows_revised, rows_quarantined from market.ingest_bars(:batch);
select market.close_fetch(:fetch, null, null, null) \gset
