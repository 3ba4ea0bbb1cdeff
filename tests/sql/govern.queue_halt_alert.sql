-- Proves: I26, F16: one alert per refusing run, by its first layer where no decision names one; none for a run nothing refused.
begin;
select plan(4);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select is((select govern.queue_halt_alert(o.cycle_id, o.run) from opened as o), null, 'nothing refused');
select govern.record_verdict(o.cycle_id, o.run, govern.make_verdict(4, 'REFUSE', 'FEATURES_EMPTY', null)),
    govern.record_verdict(o.cycle_id, o.run, govern.make_verdict(3, 'REFUSE', 'STALE_DATA', null)) from opened as o;
select isnt((select govern.queue_halt_alert(o.cycle_id, o.run) from opened as o), null, 'queued');
select results_eq('select a.code, a.category, a.account, a.message from notify.alerts as a',
    $$values ('HALT_3'::text, 'DATA_QUALITY'::text, 'paper'::text, 'cycle halted by layer 3 (history): STALE_DATA'::text)$$, 'by the first layer');
select is((select govern.queue_halt_alert(o.cycle_id, o.run) from opened as o), (select a.alert_id from notify.alerts as a), 'once');
select * from finish();
rollback;
