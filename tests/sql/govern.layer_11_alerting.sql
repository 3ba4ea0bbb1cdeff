-- Proves: layer 11, I26: a refusing run has its alert in the outbox.
begin;
select plan(5);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
create function pg_temp.judged() returns text language sql as $$ select (v.verdict).verdict || ' ' || (v.verdict).reason_code from (select govern.layer_11_alerting(o.cycle_id, o.run) as verdict from opened as o) as v $$;
select is(pg_temp.judged(), 'PASS OUTBOX_COMPLETE', 'nothing owed');
select govern.record_verdict(o.cycle_id, o.run, govern.make_verdict(3, 'REFUSE', 'X', null)) from opened as o;
select is(pg_temp.judged(), 'REFUSE ALERT_NOT_QUEUED', 'an alert is owed');
select notify.enqueue('HIGH', 'DATA_QUALITY', 'HALT_4', 'another layer''s');
select is(pg_temp.judged(), 'REFUSE ALERT_NOT_QUEUED', 'not that one');
select notify.enqueue('HIGH', 'DATA_QUALITY', 'HALT_3', 'no account''s');
select is(pg_temp.judged(), 'REFUSE ALERT_NOT_QUEUED', 'nor one that is not of its account');
select notify.enqueue('HIGH', 'DATA_QUALITY', 'HALT_3', 'm', p_account => 'paper');
select is(pg_temp.judged(), 'PASS OUTBOX_COMPLETE', 'queued');
select * from finish();
rollback;
