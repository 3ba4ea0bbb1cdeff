-- Proves: a line a step, a mark where it does not add up; one line where there is none.
begin;
select plan(3);
select is(audit.tell_arithmetic('{"arithmetic": [
    {"step": "consensus", "formula": "0.5 x 0.1 a", "stored": 0.05, "recomputed": 0.05, "adds_up": true},
    {"step": "risk agent", "formula": "PASS", "stored": null, "recomputed": null, "adds_up": null}]}'),
    E'    consensus: 0.5 x 0.1 a = 0.05\n    risk agent: PASS', 'steps');
select is(audit.tell_arithmetic('{"arithmetic": [
    {"step": "penalty", "formula": "exp(0)", "stored": 0.5, "recomputed": 1, "adds_up": false}]}'),
    '  ! penalty: exp(0) = 0.5, recomputed 1', 'one that does not add up');
select is(audit.tell_arithmetic('{"arithmetic": null}'), '  none: it was refused before signals', 'none');
select * from finish();
rollback;
