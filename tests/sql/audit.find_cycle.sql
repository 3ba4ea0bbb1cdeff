-- Proves: MQ450, MQ451; a cycle is found by id, beginning, as-of session and `last`; what fits several is refused.
begin;
select plan(14);
select fixtures.fund();
select throws_ok('select audit.find_cycle(''last'')', 'MQ450', null, 'there is none yet');
select fixtures.cycle();
create temp table first_one as select c.cycle_id from decide.cycles as c;
grant select on first_one to fund_analyst;
select fixtures.cycle('15:00');
set local role fund_analyst;
select is(audit.find_cycle(f.cycle_id), f.cycle_id, 'by its id') from first_one as f;
select is(audit.find_cycle(left(f.cycle_id, 8)), f.cycle_id, 'by its beginning') from first_one as f;
select is(audit.find_cycle('2013-02-27'), f.cycle_id, 'a session means its close slot') from first_one as f;
select isnt(audit.find_cycle('last'), f.cycle_id, 'last: the one opened last') from first_one as f;
select throws_ok('select audit.find_cycle(''2013-02-26'')', 'MQ450', null, 'a session without one');
select throws_ok('select audit.find_cycle(''2013-02-27'', ''other'')', 'MQ450', null, 'nor is it another account''s');
select throws_ok('select audit.find_cycle(''abc'')', 'MQ450', null, 'three digits are too few');
select throws_ok('select audit.find_cycle(null)', 'MQ450', null, 'nothing means nothing');
reset role;
insert into decide.missed_cycles (account, as_of_session, trade_session, found_at) values ('paper', '2013-02-26', '2013-02-27', ops.now());
select throws_ok('select audit.find_cycle(''2013-02-26'')', 'MQ450', 'no cycle ran as of 2013-02-26: nothing was decided then', 'of a missed one it says so');
select throws_ok('select audit.find_cycle(''2013-02-26'', ''other'')', 'MQ450', 'no cycle is meant by ''2013-02-26''', 'of that account');
insert into govern.config_versions (config_sha256, body, parsed) select repeat(n, 32), '', '{}' from unnest(array['01', '02']) as n;
insert into decide.cycles
select (jsonb_populate_record(c, jsonb_build_object('cycle_id', repeat('ab', 15) || n, 'slot', n, 'config_sha256', repeat(n, 32)))).*
from decide.cycles as c
    cross join (values ('01'), ('02')) as v (n)
where c.slot = 'close';
select throws_ok('select audit.find_cycle(''abab'')', 'MQ451', null, 'two begin so');
create function pg_temp.told() returns text language plpgsql as $$
declare
    v_detail text;
begin
    perform audit.find_cycle('abab');
exception when sqlstate 'MQ451' then
    get stacked diagnostics v_detail = pg_exception_detail;
    return v_detail;
end;
$$;
select is(pg_temp.told(), format('cycles=%1$s01 (paper paper institutional 01 under 010101010101), %1$s02 (paper paper institutional 02 under 020202020202)', repeat('ab', 15)), 'and each is told apart');
select is(audit.find_cycle(repeat('ab', 15) || '02'), repeat('ab', 15) || '02', 'the whole of it is one');
select * from finish();
rollback;
