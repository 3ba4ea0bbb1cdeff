"""The guards and how each is taken out: one literal patch of one file, and the tests that must notice.

A patch whose `old` is not in its file exactly once is an error: a list that no longer fits the tree proves nothing. `old` of
"" appends `new` as SQL at the end of the grants, which deploy applies after everything else as fund_owner.
"""

# ruff: noqa: E501 - one guard a line

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
SQL = "sql/routines"
APPENDED = "sql/grants/fund_verifier.sql"

PGTAP = "tests/test_pgtap.py"
CONTROL = "tests/seams/test_control_objects.py"
BYPASS = "tests/seams/test_bypass.py"
GATE = "tests/seams/test_bypass_gate.py"
KILL = "tests/seams/test_kill_switch.py"


class Guard(NamedTuple):
    """One guard. tests: pytest arguments of one run each, tried in turn until one fails; then FALLBACK.

    catalog: an object of the catalog, looked for on a clone first. behind: the guard that refuses the same without it.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    catalog: bool = False
    behind: str | None = None


def tap(*files: str) -> str:
    """The pgTAP files of these names."""
    return f"{PGTAP} -k '{' or '.join(files)}'"


def routine(name: str, old: str, new: str, *tests: str, what: str = "") -> Guard:
    """A guard inside a routine; its own pgTAP file is asked first."""
    return Guard(f"{name}{': ' if what else ''}{what}", f"{SQL}/{name}.sql", old, new, (tap(name), *tests))


def layer(number: int, name: str) -> Guard:
    """A governance layer that always passes: its line in the list is taken out."""
    call = f"            when {number} then govern.layer_{number:02d}_{name}(p_cycle_id, p_run)\n"
    passes = f"            when {number} then govern.make_verdict({number}, 'PASS', 'REMOVED', '{{}}')\n"
    tests = (tap("govern.open_gate", "govern.check_results", "govern.conclude", "govern.recheck_layers"),)
    return Guard(f"layer {number}: {name}", f"{SQL}/govern.judge_layers.sql", call, passes, tests)


def limit(name: str) -> Guard:
    """A check of orders, taken out of the list."""
    tests = (tap("govern.evaluate_order_limits", f"govern.limit_{name}", "trade.place_orders"),)
    return Guard(
        f"limit {name}",
        f"{SQL}/govern.evaluate_order_limits.sql",
        f"        govern.limit_{name}(p_order),\n",
        "",
        tests,
    )


def append_only(relation: str) -> Guard:
    """A relation that nothing keeps append-only any more."""
    tests = (tap("audit.refuse_change"), CONTROL)
    return Guard(
        f"append-only {relation}", f"{SQL}/audit.refuse_change.sql", f"'{relation}'", "'audit.audit_log'", tests
    )


def dropped(line: str) -> Guard:
    """A constraint, unique index or trigger of control_objects.out, dropped after everything else, at every deploy."""
    kind, relation, name = line.split(" | ")[:3]
    statement = {
        "constraint": f"alter table {relation} drop constraint if exists {name} cascade;",
        "unique": f"drop index if exists {name};",
        "trigger": f"drop trigger if exists {name} on {relation};",
    }[kind]
    called = f"{kind} {relation}.{name.split('.')[-1]}"
    return Guard(called, APPENDED, "", f"\n{statement}\n", (CONTROL,), catalog=True)


def granted(role: str, right: str) -> Guard:
    """A right a role has not, given."""
    return Guard(f"grant {right} to {role}", APPENDED, "", f"\ngrant {right} to {role};\n", (BYPASS,))


ORDER_LIMITS = (
    "price_freshness", "nav_freshness", "symbol_active", "reduce_only", "close_before_flip", "earlier_leg",
    "no_opposite_resting", "order_type", "fraction_day_only", "no_fractional_short", "shortable_only", "min_notional",
    "price_tick", "order_value", "price_collar", "name_concentration", "open_orders_per_symbol",
    "repeated_execution_count", "basket_value", "turnover", "daily_message_count", "sector", "long", "short",
)  # fmt: skip

LAYERS = (
    (1, "kill_switch"), (2, "data_governance"), (3, "history"), (4, "data_quality"), (5, "signal_validation"),
    (6, "risk_limits"), (7, "circuit_breakers"), (8, "cvar_persistence"), (9, "recovery"), (10, "audit_trail"),
    (11, "alerting"),
)  # fmt: skip

APPEND_ONLY = tuple(
    re.findall(
        r"'((?:decide|govern|market|ops|trade)\.[a-z_]+)'",
        (ROOT / SQL / "audit.refuse_change.sql").read_text(encoding="utf-8").split("as $$")[-1],
    )
)

WRITTEN = (
    # locks of I12 and I22
    routine("ops.kill_engaged", "l.lock_name = 'kill' for share", "l.lock_name = 'kill'", KILL, "tests/seams/test_lock_order.py", what="for share"),
    routine("ops.kill_engaged", "if current_setting('transaction_isolation') <> 'read committed' then", "if false then", BYPASS, what="isolation"),
    routine("ops.kill_engaged", "return not v_held or exists", "return exists", what="without its row"),
    routine("ops.seize_kill_lock", "where l.lock_name = 'kill' for update", "where l.lock_name = 'kill'", KILL, "tests/crash/test_races.py", what="for update"),
    routine("ops.seize_kill_lock", "perform 1 from audit.heads as h for update;", "perform 1;", KILL, what="audit head"),
    routine("audit.append", "from audit.heads as h for update", "from audit.heads as h", KILL, what="for update"),
    routine("audit.append", "if current_setting('transaction_isolation') <> 'read committed' then", "if false then", KILL, what="isolation"),
    routine("audit.append", "v_hash := sha256(v_prev || v_payload);", "v_hash := sha256(v_payload);", what="chain"),
    routine("trade.claim_orders", "perform 1 from ops.locks as l where l.lock_name = 'orders' for share;", "perform 1;", "tests/seams/test_lock_order.py", "tests/crash/test_races.py", what="lock orders"),
    routine("trade.claim_orders", "for no key update skip locked", "", "tests/seams/test_lock_order.py", "tests/crash/test_races.py", what="lock of the order"),
    routine("trade.claim_orders", "v_killed := ops.kill_engaged(true) is distinct from false;", "v_killed := false;", KILL, what="kill"),
    routine("trade.claim_orders", "if trade.release_gate(p_account) is null then", "if true then", what="books"),
    routine("trade.place_orders", "perform 1 from ops.locks as l where l.lock_name = 'orders' for update;", "perform 1;", "tests/seams/test_lock_order.py", "tests/crash/test_races.py", what="lock orders"),
    routine("trade.place_orders", "v_killed := ops.kill_engaged(true) is distinct from false;", "v_killed := false;", BYPASS, what="kill"),
    routine("decide.hold_open_run", "and r.run = p_run for update;", "and r.run = p_run;", "tests/seams/test_lock_order.py", what="for update"),
    routine("decide.open_cycle", "where l.lock_name = 'market' for share;", "where l.lock_name = 'market';", "tests/runner/test_ingest.py", what="lock market"),
    routine("decide.open_cycle", "where a.account = p_account for update;", "where a.account = p_account;", what="lock of the account"),
    # release and placing
    routine("trade.place_intent", "govern.state_refusal(p_basket.account, p_intent.leg, p_killed), ", "", tap("trade.place_orders"), BYPASS, what="state"),
    routine("trade.place_intent", "v_layer := govern.layer_refusal(p_closed, p_intent.leg);", "", tap("govern.recheck_layers", "trade.place_orders"), what="layers"),
    routine("trade.release_verdict", "v_layer constant jsonb := govern.layer_refusal(p_closed, p_order.leg);", "v_layer constant jsonb := null;", tap("govern.recheck_layers", "trade.claim_orders"), what="layers"),
    routine("trade.open_basket", "if v_cycle.config_sha256 is distinct from govern.pinned_config() then", "if false then", tap("trade.place_orders"), what="hash"),
    routine("trade.open_basket", "if v_run.lease_until <= clock_timestamp() then", "if false then", tap("trade.place_orders"), what="lease"),
    routine("trade.open_basket", "if v_cycle.mode = 'shadow' then", "if false then", tap("trade.place_orders"), what="shadow"),
    routine("trade.release_verdict", "if v_closes_at <= ops.now() then", "if false then", tap("trade.claim_orders"), what="session over"),
    routine("trade.release_verdict", "when v_run_state is distinct from 'DONE' then 'RUN_NOT_DONE'", "", tap("trade.claim_orders"), what="run done"),
    routine("trade.release_verdict", "when p_order.config_sha256 is distinct from govern.pinned_config() then 'CONFIG_HASH'", "", tap("trade.claim_orders"), what="hash"),
    routine("trade.release_verdict", "        where not f.passed;", "        where false;", tap("trade.claim_orders"), what="limits"),
    routine("trade.release_gate", "when not v_snapshot.clean then v_snapshot.verdict", "", what="clean reading"),
    routine("trade.lock_order", "for update", "", "tests/seams/test_lock_order.py", what="for update"),
    routine("trade.record_not_found", "when (v_lookups >= govern.effective_limit('lookups_before_repost')) is not true then 'WAIT'", "", what="look-ups"),
    # the guard of orders
    routine("trade.guard_orders", "alter table trade.orders enable always trigger orders_move_by_rule;", "", CONTROL, what="always"),
    routine("trade.guard_orders", "if to_jsonb(new) - c_moving <> to_jsonb(old) - c_moving then", "if false then", what="wish"),
    routine("trade.guard_orders", "if tg_op in ('DELETE', 'TRUNCATE') then", "if false then", what="removal"),
    routine("trade.guard_orders", "new.fencing_token < old.fencing_token or ", "", what="fencing token"),
    routine("audit.refuse_change", "execute format('alter table %s enable always trigger append_only', v_relation);", "", CONTROL, what="always"),
    # the gate
    routine("govern.relation_fault", "v_relation.relkind <> 'r' or ", "", GATE, what="kind"),
    routine("govern.relation_fault", "v_relation.relrowsecurity or ", "", GATE, what="row security"),
    routine("govern.relation_fault", "or v_relation.relhasrules", "", GATE, what="rules"),
    routine("govern.relation_fault", "(x.indexprs is not null or x.indpred is not null)", "false", GATE, what="expressions of an index"),
    routine("govern.relation_fault", "and x.stxexprs is not null", "and false", GATE, what="expressions of statistics"),
    routine("govern.relation_fault", "and x.contype = 'c'", "and false", GATE, what="checks"),
    routine("govern.relation_fault", "t.typnamespace <> 'pg_catalog'::regnamespace or ", "", GATE, what="types"),
    routine("govern.relation_fault", "        return 'WRONG_OWNER';", "        return null;", what="owner"),
    routine("govern.relation_fault", "return 'NOT_HELD';", "return null;", what="held"),
    routine("govern.hold_relation", "in share row exclusive mode", "in access share mode", GATE, what="mode"),
    routine("govern.judge_relation", "jsonb_array_length(p_rows) = 0 then 'EMPTY'", "false then 'EMPTY'", what="empty"),
    routine("govern.judge_relation", "when count(distinct r.line ->> 'symbol') <> count(*) then 'DUPLICATE'", "", what="doubled"),
    routine("govern.judge_relation", "then 'WRONG_SESSION'", "and false then 'WRONG_SESSION'", what="dated"),
    routine("govern.judge_relation", ") then 'WRONG_COLUMNS'", ") and false then 'WRONG_COLUMNS'", what="lists"),
    routine("govern.judge_input", "case when p_vetoed then 'VETOED' end,", "", what="vetoes"),
    routine("govern.judge_input", "case when p_classified is null then 'NOT_CLASSIFIED' end,", "", what="classified"),
    routine("govern.judge_input", "(p_sessions >= p_sessions_min) is not true", "p_sessions < p_sessions_min", what="three-valued"),
    routine("govern.copy_inputs", "then 'FEATURES_NOT_FINITE'", "and false then 'FEATURES_NOT_FINITE'", what="finite features"),
    routine("govern.copy_inputs", "is not true then 'FEATURES_FROM_FUTURE'", "is not true and false then 'FEATURES_FROM_FUTURE'", what="future features"),
    routine("govern.copy_inputs", "then 'FEATURES_STALE'", "and false then 'FEATURES_STALE'", what="stale features"),
    routine("govern.limit_passes", "p_observed > '-Infinity' and p_threshold < 'Infinity' and ", "", what="finite"),
    routine("govern.pin_config", "if v_loosened <> '{}' and not exists", "if false and not exists", what="looser"),
    routine("govern.store_config", "if v_sha256 is distinct from p_sha256 or", "if", what="hash"),
    routine("decide.open_cycle", "if p_config_sha256 is null or p_config_sha256 is distinct from govern.pinned_config() then", "if false then", what="hash"),
    routine("ops.advance_clock", "or p_instant < v_present then", "then", what="forward only"),
    routine("ops.advance_clock", "if not exists (select 1 from ops.instances as i where i.kind = 'simulated') then", "if false then", what="simulated only"),
    # roles
    Guard("path pinned: ops.kill_engaged", f"{SQL}/ops.kill_engaged.sql", "set search_path = pg_catalog, pg_temp\n", "", (tap("deployed"),)),
    Guard("execute from public", "sql/bootstrap/02_schemas.sql", "alter default privileges for role fund_owner revoke execute on functions from public;", "", (tap("deployed"),)),
    Guard("temporary from public", "sql/bootstrap/03_database.sql", "execute pg_catalog.format('revoke all on database %I from public', v_database);", "null;", (tap("deployed"),)),
    Guard("advisory locks", "sql/bootstrap/03_database.sql", "p.proname like 'pg\\_%advisory%'\n                    or ", "", (tap("deployed"),)),
    Guard("large objects", "sql/bootstrap/03_database.sql", "'lo_create', 'lo_from_bytea', ", "", (tap("deployed"),)),
    Guard("public schema", "sql/bootstrap/03_database.sql", "revoke all on schema public from public;", "null;", (tap("deployed"), BYPASS)),
    Guard("the gatekeeper owns what reads", f"{SQL}/govern.read_quality.sql", "alter function govern.read_quality() owner to fund_gatekeeper;", "", (tap("govern.read_quality"), GATE)),
    granted("fund_decider", "update on ops.locks"),
    granted("fund_decider", "delete on ops.kill_sources"),
    granted("fund_broker", "insert on trade.fills"),
    granted("fund_operator", "update on govern.limits"),
    granted("fund_transformer", "create on schema decide"),
    granted("fund_transformer", "execute on function govern.read_quality()"),
    granted("fund_analyst", "execute on function ops.release_kill_source(text, text, text)"),
    granted("fund_monitor", "execute on function audit.append(jsonb)"),
    granted("fund_decider", "execute on function trade.claim_orders(text, text, integer, integer)"),
    # Python's own
    Guard("runner: the file's hash", "runner/cycle.py", "    golden.verify()\n", "", ("tests/runner/test_config.py", "tests/acceptance/test_main_job.py -k changed_configuration_byte")),
    Guard("runner: deploy drift", "runner/cycle.py", "        deploy.require_deployed(connection)\n", "", ("tests/acceptance/test_main_job.py -k deploy_drift",)),
    Guard("runner: NaN in a parameter", "runner/db.py", "            if infinite or (item is not None and none_if_nan(item) is None):", "            if False:", ("tests/runner/test_db.py",)),
    Guard("regimes: a close of the session", "runner/risk/regimes.py", "if len(closes) == 0 or not _usable(closes)[-1]:", "if len(closes) == 0:", ("tests/runner/risk/test_regimes.py",)),
    Guard("regimes: never a BULL when unsure", "runner/risk/regimes.py", 'if undecided or state == "UNKNOWN":', 'if state == "UNKNOWN":', ("tests/runner/risk/test_regimes.py",)),
    Guard("regimes: the fit's digest", "runner/risk/regimes.py", "if known is not None and known.sha256 != digest(known):", "if False:", ("tests/runner/risk/test_regimes.py",)),
    Guard("regimes: an overdue fit", "runner/risk/regimes.py", "if known is not None and since < parameters.refit_sessions else None", "if known is not None else None", ("tests/runner/risk/test_regimes.py",)),
    Guard("stress: an unknown beta", "runner/risk/stress.py", "values[i] = max(1.0, medians.get(sectors[i], 1.0))", "values[i] = medians.get(sectors[i], 1.0)", ("tests/runner/risk/test_stress.py",)),
    Guard("stress: one scenario unknown", "runner/risk/stress.py", "return max(known) if known and len(known) == len(found) else None", "return max(known) if known else None", ("tests/runner/risk/test_stress.py",)),
    Guard("volatility: a side unknown", "runner/risk/volatility.py", "if own is None or index is None:", "if own is None:", ("tests/runner/risk/test_volatility.py",)),
    Guard("correlation: few common sessions", "runner/risk/correlation.py", "if common.min() < max(fewest, 2):", "if False:", ("tests/runner/risk/test_correlation.py",)),
    Guard("evt: an unknown tail", "runner/risk/evt.py", "    if fit.shape is None:\n        return parameters.fat_tail_scalar\n", "    if fit.shape is None:\n        return 1.0\n", ("tests/runner/risk/test_evt.py",)),
    Guard("evt: few exceedances", "runner/risk/evt.py", "if len(excesses) < parameters.evt_exceedances_min:", "if len(excesses) < 3:", ("tests/runner/risk/test_evt.py",)),
)  # fmt: skip


def guards() -> tuple[Guard, ...]:
    """Every guard, in the order of the table."""
    objects = (ROOT / "tests" / "seams" / "control_objects.out").read_text(encoding="utf-8").splitlines()
    return (
        *WRITTEN,
        *(layer(number, name) for number, name in LAYERS),
        *(limit(name) for name in ORDER_LIMITS),
        *(append_only(relation) for relation in APPEND_ONLY),
        *(dropped(line) for line in objects if not line.startswith("not null")),
    )
