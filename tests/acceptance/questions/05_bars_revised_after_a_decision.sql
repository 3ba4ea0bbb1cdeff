-- Which bars were restated after we had decided on them, and by how much? A cycle's replay is untouched: it reads what was known
-- then.
-- Answer: KO of 24 September, by 35 bp, nine days later; eight decisions had used the older close.
select symbol, session, provider, revision, earlier_close, close, round((10000 * (close / earlier_close - 1))::numeric, 1) as bp,
    known_at, decisions_before
from audit.bar_revisions where decisions_before > 0 order by symbol, session;
