-- Which received rows were set aside and why? Nothing received is dropped silently; the row as received stands beside the
-- reason.
-- Answer: Two rows of KO: one without a price, one for a Saturday.
select symbol, provider, reason, session, received ->> 'close' as close from audit.quarantined_bars order by quarantine_id;
