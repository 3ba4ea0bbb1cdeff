-- Proves: analysts see every engagement and clearing, and what is engaged now.
begin;
select plan(1);
select ops.engage_kill_switch('one'), ops.engage_kill_switch('two', 'cvar'), ops.clear_kill_source('row', '', 'checked');
set local role fund_analyst;
select results_eq('select h.source, h.action, h.reason, h.engaged_now from audit.kill_switch_history as h order by h.event_id',
    $$values ('row'::text, 'engage'::text, 'one'::text, false), ('cvar', 'engage', 'two', true), ('row', 'clear', 'checked', false)$$, 'history and present');
reset role;
select * from finish();
rollback;
