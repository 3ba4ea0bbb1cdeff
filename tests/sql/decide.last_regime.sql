-- Proves: C1-C5, I19: the regime of the last session before, of a run that counts; the same twice on the same session.
begin;
select plan(5);
select fixtures.fund();
select is(decide.last_regime('paper', '2013-02-28'), null, 'nothing yet');
select is(fixtures.cycle(), 'DONE', 'a cycle');
select is(decide.last_regime('paper', '2013-02-28'), '{"fit": null, "sessions_since_fit": 0, "volatility": "UNKNOWN", "volatility_sessions": 0, "trend": "UNKNOWN",
    "trend_closes": 0}'::jsonb, 'what it remembers');
select is(decide.last_regime('paper', '2013-02-27'), null, 'not of its own session, so that a session is advanced once');
alter table decide.cycles disable trigger append_only;
update decide.cycles set mode = 'shadow';
select is(decide.last_regime('paper', '2013-02-28'), null, 'a shadow run remembers nothing');
select * from finish();
rollback;
