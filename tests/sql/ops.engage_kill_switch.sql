-- Proves: I13, I14: sources are OR-ed, engaging leaves event, CRITICAL alert and audit row, again in other words too, in the same not; temp tables shadow nothing (I28).
begin;
select plan(18);
select ops.advance_clock('2013-02-27 22:00Z');
create temp table kill_sources (source text, host text, reason text, engaged_by text, engaged_at timestamptz);
create temp table locks (lock_name text);
grant all on kill_sources, locks to public;
set local role fund_analyst;
set local search_path = pg_temp, ops, public;
select is(ops.engage_kill_switch('prices look wrong'), true, 'any role engages');
reset role;
set local search_path = public;
select is((select count(*)::integer from pg_temp.kill_sources), 0, 'a temporary table of the same name is not touched');
select results_eq('select s.source, s.host, s.reason, s.engaged_at from ops.kill_sources as s', $$values ('row'::text, ''::text, 'prices look wrong'::text, timestamptz '2013-02-27 22:00Z')$$, 'its row');
select is(ops.engage_kill_switch('again'), false, 'an engaged source is engaged');
select is(ops.engage_kill_switch('again'), false, 'and once more');
select results_eq('select e.action, e.reason from ops.kill_events as e order by e.event_id',
    $$values ('engage'::text, 'prices look wrong'::text), ('engage', 'again')$$, 'another reason is told, the same one once');
select is((select count(*)::integer from notify.alerts as a where a.level = 'CRITICAL' and a.code = 'KILL_SWITCH_ENGAGED'), 2, 'with its CRITICAL alert');
select results_eq('select l.event from audit.audit_log as l where l.event like ''kill.%'' order by l.seq',
    $$values ('kill.engaged'::text), ('kill.repeated')$$, 'and its audit row');
select results_eq('select s.reason from ops.kill_sources as s', $$values ('prices look wrong'::text)$$, 'the source stands as it was engaged');
select ops.advance_clock('2013-02-27 22:10Z');
select ops.engage_kill_switch('worse');
select is(c.since, timestamptz '2013-02-27 22:10Z', 'the cooldown counts from the last word') from ops.kill_cooldowns() as c;
select ops.clear_kill_source('row', '', 'x'), ops.engage_kill_switch('again');
select is((select count(*)::integer from ops.kill_events as e where e.action = 'engage'), 4, 'cleared, the same words are a new kill');
select is(ops.engage_kill_switch('three', 'cvar'), true, 'another source beside it');
select is(ops.engage_kill_switch('file', 'file', 'h1'), true, 'a host''s file');
select is((select count(*)::integer from ops.kill_sources), 3, 'sources are OR-ed rows');
select throws_ok('select ops.engage_kill_switch('''')', 'MQ221', null, 'a reason is needed');
select throws_ok('select ops.engage_kill_switch(''x'', ''mood'')', 'MQ221', null, 'an unknown source');
select throws_ok('select ops.engage_kill_switch(''x'', ''file'')', 'MQ221', null, 'a file has a host');
select throws_ok('select ops.engage_kill_switch(''x'', ''row'', ''h1'')', 'MQ221', null, 'nothing else has');
select * from finish();
rollback;
