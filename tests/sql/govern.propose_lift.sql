-- Proves: I20: only a tightened row that still counts can be taken back.
begin;
select plan(5);
select fixtures.desk_of_two();
select govern.tighten_limit('var', 0.03, 'x');
set local session authorization fund_operator_ann;
select throws_ok($$select govern.propose_lift('var', 1, 'why')$$, 'MQ422', null, 'the file''s row is the file''s');
select throws_ok($$select govern.propose_lift('var', 3, 'why')$$, 'MQ422', 'there is no tightened row of that limit and version to take back', 'no such version');
select lives_ok($$select govern.propose_lift('var', 2, 'why')$$, 'the tightened one');
set local session authorization fund_operator_ben;
select govern.approve_change(fixtures.request(), 'agreed');
select throws_ok($$select govern.propose_lift('var', 2, 'why')$$, 'MQ422', null, 'which is taken back once');
set local session authorization postgres;
select is((select c.content from audit.change_requests as c), '{"limit_name": "var", "version": 2}'::jsonb, 'exactly that');
select * from finish();
rollback;
