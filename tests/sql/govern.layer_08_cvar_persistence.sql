-- Proves: layer 8, B6, I17: fewer breaches in a row than kill; the number itself refuses, exit 11.
begin;
select plan(6);
select fixtures.desk();
alter table decide.risk_states disable trigger all;
create function pg_temp.judged(p_breaches integer) returns text language plpgsql as $$
begin
    update decide.risk_states set cvar_breaches = p_breaches;
    return (
        select concat_ws(' ', (v.verdict).verdict, (v.verdict).reason_code, (v.verdict).exit_code)
        from (select govern.layer_08_cvar_persistence(repeat('1', 32), 1) as verdict) as v
    );
end;
$$;
select is(pg_temp.judged(2), 'PASS BELOW_COUNT 0', 'two do not kill');
select is(pg_temp.judged(3), 'REFUSE CVAR_PERSISTENCE 11', 'the third does');
select is(pg_temp.judged(4), 'REFUSE CVAR_PERSISTENCE 11', 'and what is beyond');
savepoint s;
insert into govern.limits select (jsonb_populate_record(l, '{"version": 2, "threshold": 2, "source": "tightened"}')).* from govern.limits as l where l.limit_name = 'cvar_breaches';
select is(pg_temp.judged(2), 'REFUSE CVAR_PERSISTENCE 11', 'the number in force counts (I20)');
rollback to s;
alter table govern.limits disable trigger all;
delete from govern.limits where limit_name = 'cvar_breaches';
select is(pg_temp.judged(0), 'REFUSE LIMIT_MISSING 11', 'a deleted limit');
rollback to s;
delete from decide.risk_states;
select is(pg_temp.judged(0), 'REFUSE RISK_STATE_MISSING 11', 'nothing recorded');
select * from finish();
rollback;
