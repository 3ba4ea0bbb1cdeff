-- Proves: views, abstentions, limits and the decision; a limit that bound carries a mark.
begin;
select plan(2);
select matches(audit.tell_decision('{"agents": [{"agent": "x", "abstained": true, "reasons": ["NO_DATA"]},
    {"agent": "y", "abstained": false, "score": 1, "weight": 0.5, "reasons": ["UP"]}],
    "risk": {"state": {"state": "ALLOW", "var_95": 0.01}, "checks": [
        {"limit": "gross", "scope": "portfolio", "binding": true, "observed": 1, "threshold": 1, "action": "SCALE", "factor": 0.5, "reason": "CUT"}]},
    "decision": {"final_decision": "HOLD", "reason_codes": ["R"], "held": {"weight": 0.1, "shares": "3"}, "meta_brain": null},
    "arithmetic": [{"step": "grant", "formula": "bound by CAP_NAME", "stored": 0.1, "recomputed": null, "adds_up": null}]}'),
    'x abstained: NO_DATA.*y: score 1.*weight 0\.5.*ARITHMETIC.*grant: bound by CAP_NAME = 0\.1.*state ALLOW, VaR 0\.01.*! gross \(portfolio\): 1 of 1, SCALE CUT x 0\.5.*HOLD', 'all of it');
select matches(audit.tell_decision('{"agents": [], "risk": {"state": null, "checks": []}, "decision": null}'),
    'no agent was asked.*no risk state was recorded.*DECISION\n  none', 'nothing of it');
select * from finish();
rollback;
