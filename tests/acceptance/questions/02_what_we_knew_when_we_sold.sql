-- What did we know about KO when we sold it? The bars as that cycle could know them, today's close beside each, then the whole
-- account.
-- Answer: A close of 16.644, score -0.27 with confidence 0.98: the view had turned short, and a long is closed before a short is
-- opened.
select d.cycle_id from audit.decisions as d join audit.cycles as c using (cycle_id)
where d.symbol = 'KO' and d.final_decision = 'EXECUTE_SELL' order by c.as_of_session limit 1 \gset
select session, provider, revision, close, price_basis, known_at, close_today from audit.known_bars(:'cycle_id', 'KO', 5);
\pset tuples_only on
\pset format unaligned
select audit.explain(:'cycle_id', 'KO');
