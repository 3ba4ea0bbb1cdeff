-- Proves: I20: another person than the author approves, once, in time, over the same numbers; a lift takes effect at its instant.
begin;
select plan(19);
select fixtures.desk_of_two();
select govern.tighten_limit('var', 0.03, 'x');
set local session authorization fund_operator_ann;
select govern.propose_lift('var', 2, 'deep again', '2013-02-28 09:00Z'), govern.propose_lift('var', 2, 'twice', null, 1),
    govern.propose_lift('var', 2, 'thrice', '2013-02-28 10:00Z');
select throws_ok('select govern.approve_change(fixtures.request(), ''me'')', 'MQ425', null, 'not its author');
set local session authorization postgres;
set local session authorization fund_operator;
select throws_ok('select govern.approve_change(fixtures.request(), ''x'')', 'MQ420', null, 'not the shared role');
set local session authorization fund_decider;
select throws_ok('select govern.approve_change(fixtures.request(), ''x'')', '42501', null, 'no process');
set local session authorization fund_operator_ben;
select throws_ok('select govern.approve_change(fixtures.request(), '''')', 'MQ422', null, 'with a reason');
select is((select govern.approve_change(fixtures.request(), 'agreed')), timestamptz '2013-02-28 09:00Z', 'the second person, from when');
select throws_ok('select govern.approve_change(fixtures.request(), ''again'')', 'MQ424', null, 'once');
select throws_ok('select govern.approve_change(fixtures.request(3), ''x'')', 'MQ424',
    'another change has taken this row of the limit back already', 'nor the same by another request');
set local session authorization postgres;
select results_eq('select c.state, c.author, c.approved_by, c.approval_reason from audit.change_requests as c where c.request_id = fixtures.request()',
    $$values ('APPROVED'::text, 'fund_operator_ann'::text, 'fund_operator_ben'::text, 'agreed'::text)$$, 'who and why');
select is(govern.effective_limit('var'), 0.03::double precision, 'not before its instant');
select ops.advance_clock('2013-02-28 09:00Z');
select is(govern.effective_limit('var'), 0.04::double precision, 'then the file''s number counts');
select is((select c.state from audit.change_requests as c where c.request_id = fixtures.request()), 'APPLIED', 'and the change is applied');
set local session authorization fund_operator_ben;
select throws_ok('select govern.approve_change(fixtures.request(2), ''x'')', 'MQ424', null, 'the other one expired');
select lives_ok('select fixtures.propose()', 'ben proposes');
set local session authorization postgres;
select govern.tighten_limit('var', 0.02, 'x');
set local session authorization fund_operator_ann;
select throws_ok('select govern.approve_change(c.request_id, ''x'') from audit.change_requests as c where c.author = ''fund_operator_ben''',
    'MQ426', null, 'the numbers have changed since');
set local session authorization postgres;
select is((select count(*)::integer from audit.audit_log as l where l.event = 'change.approved'), 1, 'an audit row');
select is((select count(*)::integer from notify.alerts as a where a.code = 'CHANGE_APPROVED'), 1, 'an alert');
select throws_ok('delete from govern.change_events', 'MQ211', null, 'what happened stays');
select throws_ok('delete from govern.limit_lifts', 'MQ211', null, 'so does the lift');
select is((select c.intact from audit.verify_chain() as c), true, 'intact');
select * from finish();
rollback;
