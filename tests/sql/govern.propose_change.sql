-- Proves: I20: a proposal is a person's, with a reason and instants that can be; exact, hashed, told and kept.
begin;
select plan(13);
select fixtures.desk_of_two();
grant execute on function govern.propose_change(text, jsonb, text[], text, timestamptz, integer, bytea) to fund_operator;
create function fixtures.ask(p_reason text, p_from timestamptz, p_hours integer, p_content jsonb default '{"a": 1}') returns bigint language sql as $$
    select govern.propose_change('lift', p_content, '{var}', p_reason, p_from, p_hours)
$$;
set local session authorization fund_operator;
select throws_ok($$select fixtures.ask('why', null, 1)$$, 'MQ420', null, 'the shared role proposes nothing');
set local session authorization fund_operator_ann;
select throws_ok($$select fixtures.ask('', null, 1)$$, 'MQ422', null, 'a reason');
select throws_ok($$select fixtures.ask('why', '2013-02-27 21:59Z', 1)$$, 'MQ422', null, 'not in the past');
select throws_ok($$select fixtures.ask('why', 'infinity', 1)$$, 'MQ422', null, 'not never');
select throws_ok($$select fixtures.ask('why', null, 0)$$, 'MQ422', null, 'open for a while');
select throws_ok($$select fixtures.ask('why', null, 721)$$, 'MQ422', null, 'not for ever');
select throws_ok($$select fixtures.ask('why', null, 1, null)$$, 'MQ422', null, 'of something');
select lives_ok($$select fixtures.ask('why', '2013-02-28 09:00Z', 24)$$, 'proposed');
set local session authorization postgres;
select results_eq('select c.state, c.author, c.effective_from, c.expires_at, c.loosened from audit.change_requests as c',
    $$values ('PROPOSED'::text, 'fund_operator_ann'::text, timestamptz '2013-02-28 09:00Z', timestamptz '2013-03-01 09:00Z', '{var}'::text[])$$, 'as asked');
select is((select c.content_sha256 from audit.change_requests as c), encode(sha256('lift {"a": 1}'), 'hex'), 'its hash');
select is((select count(*)::integer from audit.audit_log as l where l.event = 'change.proposed'), 1, 'an audit row');
select is((select count(*)::integer from notify.alerts as a where a.code = 'CHANGE_PROPOSED'), 1, 'an alert');
select throws_ok('update govern.change_requests set content = ''{}''', 'MQ211', null, 'it stays as it is');
select * from finish();
rollback;
