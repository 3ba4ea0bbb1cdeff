-- Proves: the head of an explanation names answer, run, configuration and each layer's verdict.
begin;
select plan(2);
select is(audit.tell_cycle('{"symbol": "AAA", "answer": "Because.", "cycle": {"cycle_id": "c", "account": "test", "as_of_session": "2020-01-06",
    "trade_session": "2020-01-07", "run": 2, "runs": [{}, {}], "mode": "paper", "strategy": "s", "slot": "close", "state": "HALTED",
    "reason": "KILL", "as_of": "2020-01-06T21:00:00Z", "code_version": "v", "config": {"config_sha256": "abc", "pinned_by": "op", "reason": "why"},
    "verdicts": [{"layer": 10, "layer_name": "audit", "verdict": "PASS", "reason": "OK"},
        {"layer": 2, "layer_name": "data", "verdict": "REFUSE", "reason": "EMPTY"}]}}'),
$$AAA in cycle c of test, as of 2020-01-06, for 2020-01-07
  Because.

CYCLE
  run 2 of 2, paper, strategy s, slot close: HALTED, KILL
  saw what was known by 2020-01-06T21:00:00Z; code v
  configuration abc pinned by op: why
  layer  2 data: REFUSE EMPTY
  layer 10 audit: PASS OK$$, 'by layer');
select matches(audit.tell_cycle('{"cycle": {"runs": [{}], "verdicts": null}}'), 'CYCLE', 'a run without a verdict');
select * from finish();
rollback;
