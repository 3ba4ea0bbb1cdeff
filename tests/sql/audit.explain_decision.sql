-- Proves: I24: the decision with bid, grant and what bound it, as field 15 keeps them; null parts where it was refused before.
begin;
select plan(5);
select fixtures.desk();
select fixtures.decided('AAA', 95);
insert into decide.decisions
select (jsonb_populate_record(d, '{"symbol": "BBB", "metadata": {"coverage": 1, "kelly": 0.2, "request": 0.2, "award": 0.1, "bound": "CAP_NAME",
    "target": 0.05, "held_weight": 0.01, "held_shares": "7"}}')).*
from decide.decisions as d;
select is(audit.explain_decision(repeat('1', 32), 1, 'BBB') -> 'auction' ->> 'bound_by', 'CAP_NAME', 'what bound');
select is(audit.explain_decision(repeat('1', 32), 1, 'BBB') -> 'auction' -> 'grant', '0.1'::jsonb, 'what was granted');
select is(audit.explain_decision(repeat('1', 32), 1, 'BBB') -> 'held' ->> 'shares', '7', 'what was held');
select is(audit.explain_decision(repeat('1', 32), 1, 'AAA') -> 'auction', 'null'::jsonb, 'it never bid');
select is(audit.explain_decision(repeat('1', 32), 1, 'CCC'), null, 'no decision');
select * from finish();
rollback;
