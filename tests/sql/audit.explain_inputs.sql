-- Proves: I18, I24: what the gate copied of a symbol and the digests of what it read; nothing for a symbol that was not active.
begin;
select plan(5);
select fixtures.fund();
select fixtures.cycle();
create temp table f as
select s as symbol, audit.explain_inputs(r.cycle_id, r.run, s) as found
from decide.cycle_runs as r cross join unnest(array['AAA', 'CCC', 'ZZZ']) as s;
select is(f.found ->> 'governance_state', 'ACTIVE', 'its state') from f where f.symbol = 'AAA';
select is(f.found -> 'governance_reasons', '["HISTORY_SHORT"]'::jsonb, 'why not') from f where f.symbol = 'CCC';
select is(jsonb_array_length(f.found -> 'relations'), 4, 'four relations were read') from f where f.symbol = 'AAA';
select ok(bool_and(r ->> 'rows_sha256' ~ '^[0-9a-f]{64}$'), 'each with its digest')
from f cross join lateral jsonb_array_elements(f.found -> 'relations') as r where f.symbol = 'AAA';
select is(f.found, null, 'not active') from f where f.symbol = 'ZZZ';
select * from finish();
rollback;
