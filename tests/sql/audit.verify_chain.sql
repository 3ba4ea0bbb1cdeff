-- Proves: I22, I23: the in-database verifier sees a changed row, a gap, a cut tail, a moved head, and that anchored rows are gone;
-- no false alarm.
begin;
select plan(29);
select is((select c.intact from audit.verify_chain() as c), true, 'an empty chain is intact');
select audit.append('[{"event": "a", "body": {"n": 1}}, {"event": "b", "account": "paper"}, {"event": "c"}, {"event": "d"}]');
select results_eq('select c.intact, c.entries, c.head_seq, c.broken_seq from audit.verify_chain() as c', 'values (true, 4::bigint, 4::bigint, null::bigint)', 'intact');
alter table audit.audit_log disable trigger append_only;
savepoint clean;
update audit.audit_log set payload = convert_to(replace(convert_from(payload, 'UTF8'), '"n": 1', '"n": 2'), 'UTF8') where seq = 1;
select results_eq('select c.intact, c.broken_seq, c.problem from audit.verify_chain() as c', 'values (false, 1::bigint, ''HASH''::text)', 'a changed payload');
rollback to clean;
update audit.audit_log set payload = convert_to('{}', 'UTF8'), hash = sha256(prev_hash || convert_to('{}', 'UTF8')) where seq = 2;
select results_eq('select c.intact, c.broken_seq from audit.verify_chain() as c', 'values (false, 2::bigint)', 'a changed row with its hash recomputed');
rollback to clean;
delete from audit.audit_log where seq = 2;
select results_eq('select c.intact, c.broken_seq, c.problem from audit.verify_chain() as c', 'values (false, 3::bigint, ''GAP''::text)', 'a row deleted in the middle');
rollback to clean;
delete from audit.audit_log where seq = 4;
select results_eq('select c.intact, c.problem from audit.verify_chain() as c', 'values (false, ''HEAD''::text)', 'the tail deleted');
rollback to clean;
delete from audit.audit_log;
select results_eq('select c.intact, c.problem from audit.verify_chain() as c', 'values (false, ''HEAD''::text)', 'everything deleted');
rollback to clean;
update audit.audit_log set actor = 'somebody' where seq = 3;
select results_eq('select c.intact, c.broken_seq, c.problem from audit.verify_chain() as c', 'values (false, 3::bigint, ''COLUMNS''::text)', 'a column beside the payload');
rollback to clean;
update audit.audit_log set occurred_at = occurred_at - interval '1 day' where seq = 1;
select results_eq('select c.intact, c.problem from audit.verify_chain() as c', 'values (false, ''COLUMNS''::text)', 'a back-dated row');
rollback to clean;
delete from audit.heads;
select results_eq('select c.intact, c.problem from audit.verify_chain() as c', 'values (false, ''NO_HEAD''::text)', 'no head');
rollback to clean;
create function pg_temp.found(p_change text) returns text language plpgsql as $$
declare
    v_found text;
begin
    begin
        execute p_change;
        select concat_ws(' ', c.problem, c.broken_seq) into v_found from audit.verify_chain() as c;
        raise exception using errcode = 'P0099';
    exception when sqlstate 'P0099' then
        return v_found;
    end;
end $$;
create function pg_temp.found_last(p_change text) returns text language sql as $$
    select pg_temp.found(p_change || ' where seq = 4;
        update audit.audit_log set hash = sha256(prev_hash || payload) where seq = 4;
        update audit.heads as h set hash = l.hash from audit.audit_log as l where l.seq = 4')
$$;
select is(pg_temp.found('update audit.audit_log set payload = ''\xff00'' where seq = 2'), 'HASH 2', 'bytes that are no UTF-8');
select is(pg_temp.found('update audit.audit_log set payload = ''not json'' where seq = 2'), 'HASH 2', 'text that is no JSON');
select is(pg_temp.found('update audit.audit_log set event = ''x'' where seq = 2'), 'COLUMNS 2', 'another event');
select is(pg_temp.found('update audit.audit_log set account = ''x'' where seq = 2'), 'COLUMNS 2', 'another account');
select is(pg_temp.found('update audit.audit_log set cycle_id = ''x'' where seq = 2'), 'COLUMNS 2', 'another cycle');
select is(pg_temp.found('update audit.audit_log set recorded_at = recorded_at + interval ''1 microsecond'' where seq = 2'), 'COLUMNS 2', 'a microsecond of the wall');
select is(pg_temp.found_last('update audit.audit_log set payload = convert_to(replace(convert_from(payload, ''UTF8''), ''"seq": 4'', ''"seq": 9''), ''UTF8'')'), 'COLUMNS 4', 'the payload of another place, hashed anew');
select is(pg_temp.found_last('update audit.audit_log set prev_hash = sha256('''')'), 'LINK 4', 'the last row on another one, hashed anew');
select is(pg_temp.found_last('update audit.audit_log set payload = ''\xff00'''), 'PAYLOAD 4', 'bytes that are no UTF-8, hashed anew');
select is(pg_temp.found_last('update audit.audit_log set payload = ''not json'''), 'PAYLOAD 4', 'text that is no JSON, hashed anew');
select is(pg_temp.found_last('update audit.audit_log set payload = convert_to(replace(convert_from(payload, ''UTF8''), ''"seq": 4'', ''"seq": "four"''), ''UTF8'')'), 'COLUMNS 4', 'a place that is no number, hashed anew');
select is(pg_temp.found_last('update audit.audit_log set payload = ''[4]'''), 'COLUMNS 4', 'JSON that is no event, hashed anew');
select is(pg_temp.found('alter table audit.heads drop constraint heads_pkey; insert into audit.heads select * from audit.heads'), 'NO_HEAD', 'two heads');
select is(pg_temp.found('update audit.heads set seq = 9'), 'HEAD', 'a head of no row');
select is(pg_temp.found('update audit.heads set hash = sha256('''')'), 'HEAD', 'a head of another hash');
select audit.record_anchor('h', '/a', repeat('a', 64), 1, repeat('a', 64), l.seq, l.hash) from audit.audit_log as l where l.seq = 4;
select is((select c.intact from audit.verify_chain() as c), true, 'anchored');
savepoint anchored;
delete from audit.audit_log where seq = 4;
update audit.heads as h set seq = l.seq, hash = l.hash from audit.audit_log as l where l.seq = 3;
select results_eq('select c.intact, c.head_seq, c.broken_seq, c.problem from audit.verify_chain() as c', 'values (false, 3::bigint, 4::bigint, ''ANCHOR''::text)', 'the tail deleted, its head moved back');
rollback to anchored;
update audit.audit_log set payload = convert_to(replace(convert_from(payload, 'UTF8'), '"d"', '"D"'), 'UTF8'), event = 'D' where seq = 4;
update audit.audit_log set hash = sha256(prev_hash || payload) where seq = 4;
update audit.heads as h set hash = l.hash from audit.audit_log as l where l.seq = 4;
select results_eq('select c.intact, c.broken_seq, c.problem from audit.verify_chain() as c', 'values (false, 4::bigint, ''ANCHOR''::text)', 'the last row rewritten, its head with it');
rollback to anchored;
set local role fund_verifier;
select is((select c.intact from audit.verify_chain() as c), true, 'the verifier may ask');
reset role;
select * from finish();
rollback;
