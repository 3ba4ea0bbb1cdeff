-- Proves: I22: an instant reads the same in every session.
begin;
select plan(3);
select is(ops.utc_text('2013-02-27 21:30:00.000001Z'), '2013-02-27T21:30:00.000001Z', 'microseconds, UTC');
set local timezone = 'America/New_York';
set local datestyle = 'SQL, DMY';
select is(ops.utc_text('2013-02-27 16:30:00-05'), '2013-02-27T21:30:00.000000Z', 'whatever the session says');
select is(ops.utc_text(null), null, 'NULL stays NULL');
select * from finish();
rollback;
