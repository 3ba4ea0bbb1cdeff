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
WAITS = "tests/seams/test_lock_order.py -k waits"
HOLDS = "tests/seams/test_lock_order.py -k holds_no_stop"
SENDERS = "tests/runner/alerts/test_sender.py -k passes_over"
PASSES = "tests/seams/test_lock_order.py -k passes_over"
CHANGE = "tests/seams/test_change_control.py"
RESUME = "tests/seams/test_resume.py"
TAMPER = "tests/seams/test_tamper.py"
ANCHORS = "tests/runner/test_anchors.py"
REPLAY = "tests/acceptance/test_replay.py"
AUDIT = "tests/acceptance/test_audit.py"


class Tap(NamedTuple):
    """The pgTAP files whose names have one of these words in them."""

    words: tuple[str, ...]

    def __str__(self) -> str:
        """As arguments of pytest."""
        return f"{PGTAP} -k '{' or '.join(self.words)}'"


class Guard(NamedTuple):
    """One guard. tests: pgTAP files, or pytest arguments, of one run each, tried in turn until one fails; then FALLBACK.

    catalog: an object of the catalog, looked for on a clone first. behind: the guard that refuses the same without it.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[Tap | str, ...]
    catalog: bool = False
    behind: str | None = None

    @property
    def reads(self) -> bool:
        """Whether what it guards only reads what a fund that ran has stored: any demo will do."""
        return self.file in ("runner/replay.py", "runner/commands/replay.py")

    @property
    def cloned(self) -> bool:
        """Whether a second deploy takes it out as the first would: what bootstrap or a trigger's maker did once stays, and an owner."""
        once = self.file.startswith("sql/bootstrap/") or self.file.endswith("audit.refuse_change.sql")
        return not once and " owner to " not in self.old


def tap(*words: str) -> Tap:
    """pgTAP files by words of their names."""
    return Tap(words)


def routine(name: str, old: str, new: str, *tests: Tap | str, what: str = "") -> Guard:
    """A guard inside a routine; its own pgTAP file is asked first."""
    return Guard(f"{name}{': ' if what else ''}{what}", f"{SQL}/{name}.sql", old, new, (tap(name), *tests))


def python(module: str, what: str, old: str, new: str, *tests: str) -> Guard:
    """A guard of the runner's own."""
    return Guard(f"{module}: {what}", f"runner/{module}.py", old, new, tests)


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
    tests = (CONTROL, tap("audit.refuse_change"))
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
    routine("ops.kill_engaged", "l.lock_name = 'kill' for share", "l.lock_name = 'kill'", WAITS, what="for share"),
    routine("ops.kill_engaged", "if current_setting('transaction_isolation') <> 'read committed' then", "if false then", BYPASS, what="isolation"),
    routine("ops.kill_engaged", "return not v_held or exists", "return exists", what="without its row"),
    routine("ops.seize_kill_lock", "where l.lock_name = 'kill' for update", "where l.lock_name = 'kill'", KILL, "tests/crash/test_races.py", what="for update"),
    routine("ops.seize_kill_lock", "perform 1 from audit.heads as h for update;", "perform 1;", KILL, what="audit head"),
    routine("ops.end_lock_holders", "            and l.database = (select d.oid from pg_database as d where d.datname = current_database())\n", "", KILL, what="this database"),
    routine("ops.end_lock_holders", "p_kills_too or not exists (", "true or not exists (", KILL, what="another kill"),
    routine("audit.append", "from audit.heads as h for update", "from audit.heads as h", KILL, what="for update"),
    routine("audit.append", "if current_setting('transaction_isolation') <> 'read committed' then", "if false then", KILL, what="isolation"),
    routine("audit.append", "v_hash := sha256(v_prev || v_payload);", "v_hash := sha256(v_payload);", what="chain"),
    routine("trade.claim_orders", "perform 1 from ops.locks as l where l.lock_name = 'orders' for share;", "perform 1;", WAITS, what="lock orders"),
    routine("trade.claim_orders", "for no key update skip locked", "", PASSES, what="lock of the order"),
    routine("trade.claim_orders", "v_killed := ops.kill_engaged(true) is distinct from false;", "v_killed := false;", WAITS, what="kill"),
    routine("trade.claim_orders", "v_killed := ops.kill_engaged(true) is distinct from false;", "perform ops.kill_engaged(true);\n    v_killed := false;", what="kill state")._replace(behind="trade.release_verdict: layers"),
    routine("decide.open_cycle", " || decide.miss_sessions(p_account, p_as_of_session)", "", tap("decide.miss_sessions"), what="missed sessions"),
    routine("decide.watch_cycles", "v_events := v_events || decide.miss_sessions(v_account, null);", "", tap("decide.watch_cycles"), what="missed sessions"),
    routine("trade.claim_orders", "k.source = 'file' and k.host = split_part(p_worker, ':', 1)", "false", tap("trade.protect_positions"), what="kill file"),
    routine("trade.protect_positions", ") and exists (select 1 from ops.kill_sources as k where k.source = 'file')", ") and false", tap("trade.protect_positions"), what="kill file"),
    routine("trade.claim_requests", " for share skip locked;", ";", "tests/seams/test_lock_order.py -k make_way", what="lock orders"),
    routine("trade.claim_requests", "r.reason = 'LATER_LEG' and r.attempts = 0", "false", tap("trade.claim_requests"), what="later leg gone"),
    routine("notify.claim_deliveries", "for no key update of d skip locked", "", SENDERS, what="lock"),
    routine("notify.claim_deliveries", "perform notify.see_alerts(p_channel, p_level_min);", "", tap("notify.claim_deliveries"), what="unseen"),
    routine("notify.record_delivery", "and d.attempts = c.attempt", "", tap("notify.record_delivery"), what="token"),
    routine("notify.see_alerts", "when notify.severity(a.level) < notify.severity(p_level_min) then 'BELOW_LEVEL'", "when false then ''", tap("notify.see_alerts"), what="threshold"),
    routine("decide.due_cycles", " and d.next_opens_at > ops.now()", "", tap("decide.due_cycles"), what="opening"),
    routine("decide.due_cycles", "when s.is_done then null", "when false then null", tap("decide.due_cycles"), what="done"),
    routine("trade.protect_positions", "v_order.side = v_stop.side and v_stop.quantity >= (", "0 <= (", tap("trade.protect_positions"), what="beyond the position"),
    routine("trade.alert_unprotected_positions", "l.state <> 'PENDING' and ", "", tap("trade.alert_unprotected_positions"), what="waiting stop"),
    routine("trade.end_unreleased", "if p_state = 'REJECTED' and not", "if false and not", tap("trade.claim_orders"), what="heard"),
    routine("trade.claim_orders", "if trade.release_gate(p_account) is null and not", "if not", what="books")._replace(behind="trade.release_verdict: layers"),
    routine("trade.place_orders", "perform 1 from ops.locks as l where l.lock_name = 'orders' for update;", "perform 1;", WAITS, what="lock orders"),
    routine("trade.place_orders", "v_killed := ops.kill_engaged(true) is distinct from false;", "v_killed := false;", WAITS, what="kill"),
    routine("decide.hold_open_run", "and r.run = p_run for update;", "and r.run = p_run;", WAITS, what="for update"),
    routine("decide.open_cycle", "where l.lock_name = 'market' for share;", "where l.lock_name = 'market';", WAITS, what="lock market"),
    routine("decide.open_cycle", "where a.account = p_account for update;", "where a.account = p_account;", WAITS, what="lock of the account"),
    routine("decide.fail_overdue_runs", "for update skip locked", "for update", PASSES, what="skips what is held"),
    routine("trade.place_orders", "    order by o.client_order_id\n    for no key update;", ";", HOLDS, what="stops at once"),
    routine("trade.record_fill", "    perform 1 from trade.accounts as a where a.account = p_account for no key update;\n", "", WAITS, what="lock of the account"),
    routine("trade.apply_corporate_actions", "    perform 1 from trade.accounts as a where a.account = p_account for no key update;\n", "", WAITS, what="lock of the account"),
    routine("market.next_instant", "greatest(l.last_instant, (select max(r.recorded_before) from decide.cycle_runs as r))", "'-infinity'::timestamptz", what="recorded_at only rises"),
    routine("decide.open_cycle", "clock_timestamp(), l.last_instant, (select", "clock_timestamp(), (select", what="sees all that was recorded"),
    routine("decide.open_cycle", "(select max(n.recorded_at) from trade.nav as n where n.account = p_account)", "null::timestamptz", what="sees the marks"),
    routine("decide.open_cycle", "(select max(u.recorded_at) from ops.resumptions as u)", "null::timestamptz", what="sees the resumption"),
    # what companies filed and what was written
    routine("market.fundamentals_as_of", "f.known_at <= p_known and ", "", what="known by then"),
    routine("market.fundamentals_as_of", "f.recorded_at <= p_recorded and ", "", what="recorded by then"),
    routine("market.fundamentals_as_of", "f.known_at desc, f.filed_at desc, ", "", what="by instant, not by arrival"),
    routine("market.news_as_of", "n.known_at <= p_known and ", "", what="known by then"),
    routine("market.news_as_of", "n.recorded_at <= p_recorded and ", "", what="recorded by then"),
    routine("market.ingest_fundamentals", "greatest((j.fact).filed_at, case when j.corrects then v_now end)", "(j.fact).filed_at", what="a correction is known when received"),
    routine("market.ingest_fundamentals", "greatest(f.received_at, f.recorded_at)", "'infinity'", what="no filing from the future"),
    routine("market.ingest_news", "greatest(j.published_at, case when j.revision > 0 then v_now end)", "j.published_at", what="a correction is known when received"),
    routine("market.ingest_news", "greatest(f.received_at, f.recorded_at)", "'infinity'", what="no headline from the future"),
    routine("market.judge_fundamentals", "then 'DUPLICATE_CONFLICT'", "then null", what="conflict"),
    routine("market.judge_news", "then 'DUPLICATE_CONFLICT'", "then null", what="conflict"),
    routine("market.fundamental_fault", "if v_value >= 'Infinity' or v_value = '-Infinity' then return 'NON_FINITE'; end if;", "", what="finite"),
    routine("market.fundamental_fault", "if v_end::date > (v_filed at time zone 'America/New_York')::date then return 'FILED_BEFORE_PERIOD_END'; end if;", "", what="filed after the end"),
    routine("market.news_fault", "if v_headline ~ c_control then return 'CONTROL_CHARACTER'; end if;", "", what="control characters"),
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
    routine("trade.release_verdict", "and c.trade_session >= p_order.trade_session", "", what="session of the decision"),
    routine("trade.place_replacement", "(v_decided_for >= v_session) is not true", "false", tap("trade.request_replace"), what="session of the decision"),
    routine("trade.place_replacement", "p_old.config_sha256 is distinct from v_pinned", "false", tap("trade.request_replace"), what="hash"),
    routine("trade.nav_with_flows", "and l.session > n.session", "and false", what="flows since"),
    routine("trade.connect_account", "    if found then", "    if false then", what="one of ours"),
    routine("trade.order_book", "p.close::numeric / x.factor", "p.close::numeric", what="split since"),
    routine("trade.release_verdict", "        where not f.passed;", "        where false;", tap("trade.claim_orders"), what="limits"),
    routine("trade.release_gate", "when not v_snapshot.clean then v_snapshot.verdict", "", what="clean reading"),
    routine("trade.claim_requests", " or trade.may_make_way(p_account, p_worker, o.symbol))", " or true)", what="a stop for nothing"),
    routine("trade.record_orphans", "    if not v_adopted then\n", "    if false then\n", "tests/seams/test_breaks.py -k stranger", what="adopted meanwhile"),
    routine("trade.cancel_entries", " and not v_halted\n", "\n", what="a break is a person's"),
    routine("trade.accepted_amount", "if v_read <> v_now then", "if false then", what="booked since the reading"),
    routine("trade.accepted_amount", "elsif v_amount is not null and (v_amount = c_told) is not true then", "elsif false then", what="the figure that was shown"),
    routine("trade.accepted_amount", "elsif v_amount is null and (p_capital or p_amount is not null) then", "elsif false then", what="capital of nothing"),
    routine("trade.accepted_amount", "elsif v_amount <> 0 and v_unbooked is not null then", "elsif false then", what="filled and not listed"),
    routine("trade.accepted_amount", "if p_amount is null and cardinality(v_possible) > 1 then", "if false then", what="unpaid dividends"),
    routine("trade.accepted_amount", "elsif (p_amount between least(0, v_least) and greatest(0, v_most)) is false then", "elsif false then", what="more than differs"),
    routine("notify.enqueue", "            and notify.severity(a.level) >= notify.severity(p_level)\n", "", what="what got worse"),
    routine("trade.accept_break", "elsif p_break.kind = 'ORDER_MISSING' and (", "elsif false and (", what="listed again"),
    routine("govern.recheck_layers", "if v_refused <> '{}' and (p_phase <> 'release' or exists (", "if v_refused <> '{}' and (true or exists (", what="what waits"),
    routine("trade.lock_order", " for no key update", "", "tests/seams/test_lock_order.py -k late_answer", what="for update"),
    routine("trade.record_not_found", "when (v_lookups >= govern.effective_limit('lookups_before_repost')) is not true then 'WAIT'", "", what="look-ups"),
    routine("trade.record_not_found", " and v_order.time_in_force <> 'GTC'", "", what="beyond its session"),
    routine("trade.record_not_found", " or trade.release_gate(v_order.account) is not null", "", what="books"),
    routine("trade.request_replace", "-(select l.unfilled_quantity from trade.live_orders as l where l.client_order_id = p_client_order_id)", "-v_old.quantity", what="what it filled is held"),
    routine("trade.stops_due", " and c.mode <> 'shadow'", "", what="no shadow"),
    routine("trade.record_ack", " or v_order.post_attempt = 0", "", what="what left"),
    routine("trade.record_request", " and r.settled_at is null", "", what="what is settled"),
    routine("trade.record_late_report", "if v_alive and p_order.state <> 'FILLED' then", "if v_alive then", what="an older word"),
    routine("trade.record_execution", "(o.symbol, o.side) is distinct from (v_execution.symbol, v_execution.side)", "o.symbol is distinct from v_execution.symbol", what="its side"),
    routine("trade.snapshot_differences", "govern.effective_limit('clock_skew_max_seconds')) is not true", "govern.effective_limit('clock_skew_max_seconds')) is false", what="a clock unread"),
    routine("trade.snapshot_differences", "coalesce(p_body -> 'open_orders', '[]'::jsonb)", "(p_body -> 'open_orders')", what="a list unread"),
    routine("calc.bar_defect", "    when least(p_open, p_high, p_low, p_close) < double precision '1e-12'\n        or greatest(p_open, p_high, p_low, p_close) >= double precision '1e12' then 'ABSURD_PRICE'\n", "", what="absurd prices"),
    routine("market.refuse_impossible_actions", " or v_extent > ln(1e15::double precision)", "", what="together"),
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
    routine("govern.require_config", "if v_sha256 is distinct from p_sha256 or", "if", what="hash"),
    routine("govern.require_config", "    if found then", "    if false then", what="open accounts"),
    routine("govern.store_config", " and v.parsed <> p_parsed", " and false", what="its values"),
    routine("decide.open_cycle", "if p_config_sha256 is null or p_config_sha256 is distinct from govern.pinned_config() then", "if false then", what="hash"),
    routine("ops.advance_clock", "or p_instant < v_present then", "then", what="forward only"),
    routine("ops.advance_clock", "if not exists (select 1 from ops.instances as i where i.kind = 'simulated') then", "if false then", what="simulated only"),
    # roles
    Guard("path pinned: ops.kill_engaged", f"{SQL}/ops.kill_engaged.sql", "set search_path = pg_catalog, pg_temp\n", "", (tap("deployed"),)),
    Guard("execute from public", "sql/bootstrap/02_schemas.sql", "alter default privileges for role fund_owner revoke execute on functions from public;", "", (tap("deployed"),)),
    Guard("temporary from public", "sql/bootstrap/03_database.sql", "execute pg_catalog.format('revoke all on database %I from public', v_database);", "null;", (tap("deployed"),)),
    Guard("advisory locks", "sql/bootstrap/03_database.sql", "p.proname like 'pg\\_%advisory%'\n                    or ", "", (tap("deployed"),)),
    Guard("large objects", "sql/bootstrap/03_database.sql", "'lo_create', 'lo_from_bytea', ", "", (tap("deployed"),)),
    Guard("public schema", "sql/bootstrap/03_database.sql", "revoke all on schema public from public;", "null;", (BYPASS,)),
    Guard("the gatekeeper owns what reads", f"{SQL}/govern.read_quality.sql", "alter function govern.read_quality() owner to fund_gatekeeper;", "", (tap("govern.read_quality"),)),
    Guard("the gatekeeper owns what reads features", f"{SQL}/govern.read_features.sql", "alter function govern.read_features(date, text[]) owner to fund_gatekeeper;", "", (tap("govern.read_features"),)),
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
    Guard("runner: the file's hash", "runner/config.py", "    verify()\n", "", ("tests/acceptance/test_main_job.py -k changed_configuration_byte",)),
    Guard("runner: deploy drift", "runner/cycle.py", "        deploy.require_deployed(connection)\n", "", ("tests/acceptance/test_main_job.py -k deploy_drift",)),
    Guard("runner: NaN in a parameter", "runner/db.py", "            if infinite or (item is not None and none_if_nan(item) is None):", "            if False:", ("tests/runner/test_db.py",)),
    Guard("regimes: a close of the session", "runner/risk/regimes.py", "if len(closes) < 2 or not _usable(closes)[-1]:", "if len(closes) < 2:", ("tests/runner/risk/test_regimes.py",)),
    Guard("regimes: never a BULL when unsure", "runner/risk/regimes.py", 'if undecided or state == "UNKNOWN":', 'if state == "UNKNOWN":', ("tests/runner/risk/test_regimes.py",)),
    Guard("regimes: the fit's digest", "runner/risk/regimes.py", "if known is not None and known.sha256 != digest(known):", "if False:", ("tests/runner/risk/test_regimes.py",)),
    Guard("regimes: an overdue fit", "runner/risk/regimes.py", "if known is not None and since < parameters.refit_sessions else None", "if known is not None else None", ("tests/runner/risk/test_regimes.py",)),
    Guard("stress: an unknown beta", "runner/risk/stress.py", "values[i] = max(1.0, medians.get(sectors[i], 1.0))", "values[i] = medians.get(sectors[i], 1.0)", ("tests/runner/risk/test_stress.py",)),
    Guard("volatility: a side unknown", "runner/risk/volatility.py", "if own is None or index is None:", "if own is None:", ("tests/runner/risk/test_volatility.py",)),
    Guard("correlation: few common sessions", "runner/risk/correlation.py", "if common.min() < max(fewest, 2):", "if False:", ("tests/runner/risk/test_correlation.py",)),
    Guard("evt: an unknown tail", "runner/risk/evt.py", "    if fit.shape is None:\n        return None\n", "    if fit.shape is None:\n        return 0.0\n", ("tests/runner/risk/test_evt.py",)),
    Guard("evt: few exceedances", "runner/risk/evt.py", "if len(excesses) < parameters.evt_exceedances_min:", "if len(excesses) < 3:", ("tests/runner/risk/test_evt.py",)),
)  # fmt: skip

# What keeps the audit chain, and what would see that it was not kept (I22, I23).
CHAIN = (
    routine("audit.record_anchor", "where l.seq = p_seq and l.hash = p_hash) then", "where l.seq = p_seq) then", what="the row's hash"),
    routine("audit.record_anchor", "if not exists (select 1 from audit.audit_log as l", "if false and not exists (select 1 from audit.audit_log as l", what="the row"),
    routine("audit.record_anchor", "if (v_known.digest, v_known.seq, v_known.hash) is distinct from (p_digest, p_seq, p_hash) then", "if false then", what="one line once"),
    routine("audit.verify_chain", "when c.seq <> c.expected_seq then 'GAP'", "when false then 'GAP'", what="gaps"),
    routine("audit.verify_chain", "when c.prev_hash <> c.expected_prev then 'LINK'", "when false then 'LINK'", what="links"),
    routine("audit.verify_chain", "when c.hashed is not true then 'HASH'", "", what="hashes"),
    routine("audit.verify_chain", "when c.said is null then 'PAYLOAD'", "", what="payloads"),
    routine("audit.verify_chain", "(select count(*) from audit.heads) = 1", "true", what="one head"),
    routine("audit.verify_chain", "when c.said -> 'seq' is distinct from to_jsonb(c.seq)\n                    or ", "when ", TAMPER, what="column seq"),
    routine("audit.verify_chain", "c.said ->> 'event' is distinct from c.event or ", "", TAMPER, what="column event"),
    routine("audit.verify_chain", "or c.said ->> 'account' is distinct from c.account\n", "\n", TAMPER, what="column account"),
    routine("audit.verify_chain", "c.said ->> 'cycle_id' is distinct from c.cycle_id or ", "", TAMPER, what="column cycle_id"),
    routine("audit.verify_chain", " or c.said ->> 'actor' is distinct from c.actor\n", "\n", TAMPER, what="column actor"),
    routine("audit.verify_chain", "or c.said ->> 'occurred_at' is distinct from ops.utc_text(c.occurred_at)\n", "\n", TAMPER, what="column occurred_at"),
    routine("audit.verify_chain", "or c.said ->> 'recorded_at' is distinct from ops.utc_text(c.recorded_at) then", "then", TAMPER, what="column recorded_at"),
    routine("audit.verify_chain", "when h.seq is null then 'NO_HEAD'", "", what="a head"),
    routine("audit.verify_chain", "when h.seq <> t.seq then 'HEAD'", "", what="the head is the last row"),
    routine("audit.verify_chain", "when h.hash <> coalesce(", "when false and h.hash <> coalesce(", TAMPER, what="the head's hash"),
    routine("audit.verify_chain", "when u.seq is not null then 'ANCHOR'", "", what="anchored rows"),
    # the second reading of the chain
    python("backtest", "of what it is", "        if theirs[name] != value:\n", "        if False:\n", "tests/acceptance/test_backtest.py"),
    python("backtest", "one at a time", "LOCK_EX | fcntl.LOCK_NB", "LOCK_UN", "tests/runner/test_backtest.py"),
    python("backtest", "whose folder", "        if home.is_symlink():\n", "        if False:\n", "tests/acceptance/test_backtest.py"),
    python("backtest", "the fund's place", "if name.startswith(_ELSEWHERE)]:", "if False]:", "tests/runner/test_backtest.py"),
    python("chain", "gaps", "    if seq > expected:\n", "    if False:\n", TAMPER),
    python("chain", "doubles", "    if seq < expected:\n", "    if False:\n", TAMPER),
    python("chain", "links", "    if previous is not None and prev_hash != previous:\n", "    if False:\n", TAMPER),
    python("chain", "hashes", "    if hashlib.sha256(prev_hash + payload).digest() != hash_:\n", "    if False:\n", TAMPER),
    python("chain", "column seq", '            "seq": said["seq"] == seq,\n', "", TAMPER),
    python("chain", "column event", '            "event": _same(said["event"], row[4]),\n', "", TAMPER),
    python("chain", "column account", '            "account": _same(said["account"], row[5]),\n', "", TAMPER),
    python("chain", "column cycle_id", '            "cycle_id": _same(said["cycle_id"], row[6]),\n', "", TAMPER),
    python("chain", "column actor", '            "actor": _same(said["actor"], row[7]),\n', "", TAMPER),
    python("chain", "column occurred_at", '            "occurred_at": _microseconds(said["occurred_at"]) == _integer(row[8]),\n', "", TAMPER),
    python("chain", "column recorded_at", '            "recorded_at": _microseconds(said["recorded_at"]) == _integer(row[9]),\n', "", TAMPER),
    python("chain", "one head", "    if len(heads) != 1:\n", "    if False:\n", TAMPER),
    python("chain", "a head beyond the last row", "    if head.seq > last.seq:\n", "    if head.seq > last.seq:\n        return None\n", TAMPER),
    python("chain", "a head before the last row", "    if head.seq < last.seq:\n", "    if head.seq < last.seq:\n        return None\n", TAMPER),
    python("chain", "the head's hash", '    return Finding("HEAD", last.seq, "the head has another hash than its row", "the last row changed, or the head")', "    return None", TAMPER),
    python("chain", "anchored rows that differ", "    if differing:\n", "    if False:\n", TAMPER),
    python("chain", "anchored rows that are gone", "    if missing:\n", "    if False:\n", TAMPER),
    # the verifier
    python("verifier", "the chain of another deploy", "        deploy.require_deployed(connection, catalog=False)\n", "", TAMPER),
    python("verifier", "one snapshot", '                db.execute(connection, "audit.snapshot")\n', "", TAMPER),
    python("verifier", "file and snapshot of one instant", "            with anchors.locked(path):\n                db.execute(", "            if True:\n                db.execute(", TAMPER, ANCHORS),
    python("verifier", "an anchor file that is broken", "    beside = [file.broken] if file.broken else []\n", "    beside = []\n", TAMPER),
    python("verifier", "triggers and bodies", "        beside += _guard_findings(connection) + _body_findings(connection)\n", "", TAMPER),
    python("verifier", "a trigger for replicas too", " and row[\"strength\"] == \"A\"", "", TAMPER),
    python("verifier", "a trigger of ours", "row[\"ours\"] and ", "", TAMPER),
    python("verifier", "a trigger of every event", " and row[\"events\"] == _EVENTS}", "}", TAMPER),
    python("verifier", "a trigger that is there", '{*(f"audit.{name}" for name in GUARDED), *(row["relation"] for row in rows)}', '{*(row["relation"] for row in rows)}', TAMPER),
    python("verifier", "bodies", "if bodies.get(name) != [text.split(\"$$\")[1]]", "if False", TAMPER),
    python("verifier", "what the database knows of the file", "        if of_this and not file.broken:\n", "        if False:\n", TAMPER),
    python("verifier", "a file that is gone", "    if last is None:\n        detail, looks_like = (", "    if last is None:\n        return []\n        detail, looks_like = (", TAMPER),
    python("verifier", "a file that was cut", "    elif last.line < known[\"line\"]:\n", "    elif False:\n", TAMPER),
    python("verifier", "a file that was rewritten", "file.book != known[\"book\"] or digests.get(known[\"line\"], known[\"digest\"]) != known[\"digest\"]", "False", TAMPER),
    python("verifier", "the book of a file", "file.book != known[\"book\"] or ", "", TAMPER, ANCHORS),
    python("verifier", "a line of a file", " or digests.get(known[\"line\"], known[\"digest\"]) != known[\"digest\"]", "", TAMPER, ANCHORS),
    python("verifier", "anchors known to the database", "anchors_finding((*anchored, *in_database),", "anchors_finding(anchored,", TAMPER),
    python("verifier", "anchors of the file", "anchors_finding((*anchored, *in_database),", "anchors_finding(in_database,", TAMPER),
    python("verifier", "the head", "            head_finding(heads, seen.last, seen.entries),\n", "", TAMPER),
    python("verifier", "the chain's own break", "            seen.broken,\n            head_finding", "            head_finding", TAMPER),
    python("verifier", "what cannot be read", '        chain = [Finding("UNREADABLE", None, str(error), "a relation of the chain dropped, replaced or closed")]\n', "        log.error(\"unreadable\", error=str(error))\n", TAMPER),
    python("verifier", "the alarm", "    if not found.intact:\n        alarm(settings, found)\n        raise broken(found)", "    if not found.intact:\n        raise broken(found)", TAMPER),
    python("verifier", "the alarm of a cycle", "    if not found.intact and not alarm(settings, found):\n        raise broken(found)", "    pass", TAMPER),
    python("verifier", "an alarm nobody took", "    if not found.intact and not alarm(settings, found):\n        raise broken(found)", "    if not found.intact:\n        alarm(settings, found)", TAMPER),
    python("verifier", "the file where the row cannot", "    engaged = _engage(reason) or _write_kill_file(settings, reason)", "    engaged = _engage(reason)", TAMPER),
    python("verifier", "its alert", '    _tell("CRITICAL", "AUDIT_CHAIN_BROKEN", reason, detail)\n', "", TAMPER),
    python("verifier", "a broken chain is not anchored", "    if not seen.intact:\n        raise broken(seen)\n", "", TAMPER),
    python("verifier", "begun anew only where it holds", "    if left:\n        raise broken(replace(seen, findings=left))\n", "", TAMPER),
    python("verifier", "an empty chain has no head", "    if seen.head_seq == 0:\n", "    if False:\n", TAMPER, ANCHORS),
    python("verifier", "a head is anchored once", "            if seen.head_seq <= (last.seq if last else 0):\n                return None\n", "", TAMPER, ANCHORS),
    python("verifier", "what the database keeps of a line", '        db.fetch_value(\n            connection,\n            "audit.record_anchor",', '        lambda: db.fetch_value(\n            connection,\n            "audit.record_anchor",', TAMPER),
    python("verifier", "a file that cannot be written is told", '        _tell("HIGH", "ANCHOR_NOT_WRITTEN",', '        lambda: _tell("HIGH", "ANCHOR_NOT_WRITTEN",', ANCHORS),
    python("verifier", "a file that is new is told", "    if last is None and seen.anchored_elsewhere:\n", "    if False:\n", ANCHORS),
    python("verifier", "a command gets no secret", " if not name.startswith(SECRET_VARIABLES)}", "}", ANCHORS),
    python("verifier", "a command has its time", "            process.communicate(data, timeout)\n", "            process.communicate(data)\n", ANCHORS),
    python("verifier", "what a command started is ended", "            os.killpg(process.pid, signal.SIGKILL)  # whatever it started too\n", "            process.kill()\n", ANCHORS),
    python("verifier", "a command that failed is told", " if process.returncode else None", " if False else None", ANCHORS),
    # the anchor file
    python("anchors", "the lock", "        fcntl.flock(handle, fcntl.LOCK_EX)\n", "", ANCHORS),
    python("anchors", "a line is on the disk", "        os.fsync(file)\n    finally:\n        os.close(file)\n", "    finally:\n        os.close(file)\n", ANCHORS),
    python("anchors", "a new file is on the disk", "            os.fsync(folder)\n", "            pass\n", ANCHORS),
    python("anchors", "a torn line is cut off", "        os.ftruncate(file, end)\n        data = ", "        data = ", ANCHORS),
    python("anchors", "a torn line is overwritten", "    return start + os.pread(file, size - start, start).rfind(b\"\\n\") + 1\n", "    return size\n", ANCHORS),
    python("anchors", "a line written whole", "        if os.pwrite(file, data, end) != len(data):\n", "        if os.pwrite(file, data, end) < 0:\n", ANCHORS),
    python("anchors", "half a line is cut off", "            os.ftruncate(file, end)\n            raise OSError", "            raise OSError", ANCHORS),
    python("anchors", "numbers of lines", "anchor.line != number or ", "", ANCHORS),
    python("anchors", "lines chained", " or anchor.previous != (before.digest if before else GENESIS):", ":", ANCHORS),
    python("anchors", "rows never go back", "        if before is not None and anchor.seq < before.seq:\n", "        if False:\n", ANCHORS),
    python("anchors", "a line's own digest", "            and anchor == _sealed(anchor)\n", "", ANCHORS),
    python("anchors", "a hash that is one", "            and _SHA256.fullmatch(anchor.hash)\n", "", ANCHORS),
    python("anchors", "as many rows as the last one's number", "            and anchor.entries == anchor.seq\n", "", ANCHORS),
    python("anchors", "whole numbers", "            all(type(value) is int and value > 0 for value in whole)\n            and ", "            ", ANCHORS),
    python("anchors", "nobody else reads it", "os.O_RDWR | os.O_CREAT, 0o600)", "os.O_RDWR | os.O_CREAT, 0o644)", ANCHORS),
    # who asks
    python("cycle", "the chain before", "        verifier.watch(settings)\n", "", f"{AUDIT} -k broken_chain"),
    python("cycle", "the head after", '        verifier.anchor(settings, f"cycle {report.cycle_id} run {report.run} {report.state}")\n', "        pass\n", f"{AUDIT} -k every_cycle"),
    python("sessions", "the mode first", "    require_mode(request.mode)\n", "", "tests/runner/test_sessions.py"),
    python("cycle", "a mode that fits", '    if request.mode not in ("shadow", *kinds):\n', "    if False:\n", "tests/runner/test_sessions.py"),
    python("sessions", "the head after syncs", '    verifier.anchor(settings, f"sync {account}")\n', "    pass\n", f"{AUDIT} -k every_cycle"),
    python("brokers/killswitch", "a silent database is one that is away", "            if silent >= self._settings.kill_database_timeout:\n                return False\n", "", "tests/crash/test_kill_file.py"),
    python("brokers/killswitch", "a file that is gone kills nothing", "            if not self._settings.kill_switch_file.exists():\n                return True\n", "", "tests/crash/test_kill_file.py -k gone"),
    python("brokers/sync", "asked again before each POST", "return self.broker.submit(order, guard) if refusal is None else Unsent(refusal)", "return self.broker.submit(order, guard)", "tests/runner/brokers/test_sync_outcomes.py -k i13"),
    python("brokers/sync", "a process is its start too", "_process_start(int(pid)) != start:", "_process_start(int(pid)) is None:", "tests/runner/brokers/test_sync_outcomes.py -k need_not"),
    python("brokers/sync", "a zombie is dead", 'return None if state == "Z" else rest[18]', "return rest[18]", "tests/runner/brokers/test_sync_outcomes.py -k need_not"),
    python("brokers/sync", "one pass is under our configuration", "            require_ours(connection, config)\n            return", "            return", "tests/runner/brokers/test_sync.py -k i32"),
    python("brokers/sync", "a book that cannot be marked is heard of", "                if error.code == _UNMARKABLE:\n", "                if False:\n", "tests/runner/brokers/test_sync.py -k cannot_be_marked"),
    python("commands/sync", "the head after a pass", '        verifier.anchor(environment, f"sync {report.account} {report.at:%Y-%m-%d %H:%M:%S}")\n', "        pass\n", f"{AUDIT} -k what_a_sync"),
    python("commands/audit", "a break kills", "    if not found.intact:\n        verifier.alarm(config, found)\n", "", TAMPER),
    python("commands/audit", "a break is exit 15", "    if not found.intact:\n        raise verifier.broken(found)\n", "", TAMPER),
    python("commands/audit", "begun anew with a reason", "    if not reason.strip():\n", "    if False:\n", TAMPER),
)  # fmt: skip

# What makes a past cycle repeatable, and would see that it is another (I24).
REPEATED = (
    routine("decide.hold_open_run", "if v_run.state is distinct from 'OPEN' then", "if false then", tap("decide.record_inputs", "decide.close_run"), what="open"),
    routine("decide.record_inputs", "    if found then\n", "    if false then\n", what="names and contents"),
    routine("decide.record_inputs", "r.input is null or ", "", what="a name"),
    routine("decide.record_inputs", "or r.content is null or ", "or ", what="a content"),
    routine("decide.record_inputs", "jsonb_typeof(r.content) not in ('object', 'array')\n", "false\n", what="an answer"),
    routine("decide.record_inputs", "            where i.cycle_id = p_cycle_id and i.run = p_run and i.input = r.input\n", "            where false\n", what="once"),
    routine("decide.record_inputs", "perform ops.refuse_unknown_keys(p_rows, array['input', 'content']);", "", what="unknown keys"),
    routine("decide.closing_fault", "when p_state = 'DONE' and c.reads <> 7 then", "when false then", what="all it read"),
    routine("decide.closing_fault", "when p_state = 'HALTED' and c.reads < 4 then", "when false then", what="what it read until then"),
    routine("decide.run_digests", "encode(sha256(convert_to(\n                string_agg(l.line::text, E'\\n' order by l.place collate \"C\"), 'UTF8'\n            )), 'hex') as sha256", "'' as sha256", what="digests"),
    routine("decide.run_digests", "        select 'inputs', i.input, jsonb_build_object('input', i.input, 'sha256', i.sha256)\n        from decide.run_inputs as i where i.cycle_id = p_cycle_id and i.run = p_run\n", "        select '', '', '{}'::jsonb where false\n", what="what was read"),
    routine("decide.run_lines", "|| jsonb_build_object('timestamp', ops.utc_text(d.\"timestamp\"))", "", tap("decide.run_digests", "decide.run_rows"), what="instants in UTC"),
    routine("decide.run_lines", "l.line - array['cycle_id', 'run', 'account', 'recorded_at']", "l.line - array['cycle_id', 'run', 'account']", what="no wall instant"),
    routine("decide.run_lines", "from decide.symbol_states as t where t.cycle_id = p_cycle_id and t.run = p_run", "from decide.symbol_states as t where false", what="the memory of symbols"),
    routine("decide.run_lines", "from decide.risk_states as s where s.cycle_id = p_cycle_id and s.run = p_run", "from decide.risk_states as s where false", what="the risk state"),
    routine("decide.run_rows", "jsonb_agg(l.line order by l.place collate \"C\") as rows", "jsonb_agg(l.line order by l.place collate \"C\" desc) as rows", what="the order"),
    routine("decide.run_lines", "set extra_float_digits = 1\n", "", tap("decide.run_rows"), what="every digit")._replace(behind="decide.run_rows: every digit"),
    routine("decide.run_rows", "set extra_float_digits = 1\n", "", what="every digit")._replace(behind="decide.run_lines: every digit"),
    routine("audit.replay_run", "set extra_float_digits = 1\n", "", what="every digit"),
    routine("audit.replay_run", "'now', encode(sha256(convert_to(i.content::text, 'UTF8')), 'hex')", "'now', i.sha256", what="digests now"),
    routine("audit.replay_run", "'digests', decide.run_digests(r.cycle_id, r.run),", "'digests', '{}'::jsonb,", what="digests of the rows"),
    routine("audit.replay_run", "and (e.payload #>> '{body,run}')::integer = r.run", "", what="the run's own events"),
    routine("audit.replayable_runs", "order by n.state = 'DONE' desc, n.state = 'HALTED' desc, n.run desc", "order by n.run", what="the run that counts"),
    # what was read, by digest
    python("inputs", "one NaN", "np.where(np.isnan(panel.closes), np.nan, panel.closes)", "panel.closes", "tests/runner/test_inputs.py"),
    python("inputs", "axes", "hashlib.sha256(axes.encode() + closes.tobytes())", "hashlib.sha256(closes.tobytes())", "tests/runner/test_inputs.py"),
    python("inputs", "closes", "hashlib.sha256(axes.encode() + closes.tobytes())", "hashlib.sha256(axes.encode())", "tests/runner/test_inputs.py"),
    python("inputs", "one order of keys", "default=_plain, sort_keys=True,", "default=_plain,", "tests/runner/test_inputs.py"),
    python("inputs", "rows", 'hashlib.sha256(b"\\n".join(whole))', "hashlib.sha256()", "tests/runner/test_inputs.py"),
    python("inputs", "the window a run had", "    closes = np.full((len(days), len(names)), np.nan)\n", "    closes = np.zeros((len(days), len(names)))\n", "tests/runner/test_inputs.py"),
    python("inputs", "names only one side has", "for name in before.keys() | now.keys() if", "for name in before.keys() & now.keys() if", "tests/runner/test_inputs.py"),
    # what is built of it
    python("records", "NULL is no number", "    return math.nan if value is None else float(value)\n", "    return 0.0 if value is None else float(value)\n", "tests/runner/test_records.py"),
    python("records", "SQL has the last word", "        if placed and len(refused) == len(placed):\n", "        if False:\n", "tests/runner/test_records.py"),
    python("records", "a shadow hands nothing on", "for intent in (result.intents if shadow else ())", "for intent in ()", "tests/runner/test_records.py"),
    # the replay
    python("replay", "runs that decided nothing", '    if found[0].state not in ("DONE", "HALTED"):\n', "    if False:\n", f"{REPLAY} -k halted"),
    python("replay", "what is missing", "    if missing:\n        raise CannotReplay(", "    if False:\n        raise CannotReplay(", f"{REPLAY} -k lacks"),
    python("replay", "a configuration that cannot be read", "        raise CannotReplay(unreadable) from None\n", "        raise\n", f"{REPLAY} -k lacks"),
    python("replay", "the configuration's bytes", "    if actual != run.config_sha256:\n", "    if False:\n", f"{REPLAY} -k one_byte"),
    python("replay", "the configuration's values", "    for path, now, then in _parameters(config.parsed, stored[\"parsed\"]):\n", "    for path, now, then in ():\n", f"{REPLAY} -k one_byte"),
    python("replay", "answers that were stored", '        if entry["sha256"] != entry["now"]\n', "        if False\n", f"{REPLAY} -k what_was_read"),
    python("replay", "the gate's rows", "    faults += _input_faults(inputs, material, read[\"decide.cycle_inputs\"][\"content\"])\n", "", f"{REPLAY} -k what_was_read"),
    python("replay", "the gate's rows in the chain", "    if not faults and recorded != digest:\n", "    if False:\n", f"{REPLAY} -k what_was_read"),
    python("replay", "bars edited in place", "    faults = [\n        Difference(\"inputs\", \"market.price_history\",", "    faults = [] and [\n        Difference(\"inputs\", \"market.price_history\",", f"{REPLAY} -k bar_changed_in_place"),
    python("replay", "closes of the panel", '    for symbol in inputs_read.changed(then["symbols"], now["symbols"]):\n', "    for symbol in ():\n", f"{REPLAY} -k with_its_source"),
    python("replay", "the panel as a whole", '    if not faults and then["sha256"] != now["sha256"]:\n', "    if False:\n", f"{REPLAY} -k what_was_read"),
    python("replay", "known then", ' and bar["known_at"] <= run.as_of\n', "\n", f"{REPLAY} -k altered_after"),
    python("replay", "recorded then", "        recorded_before=run.recorded_before,\n        sessions=sessions,\n        symbols=wanted,\n", "        recorded_before=datetime(9999, 1, 1, tzinfo=UTC),\n        sessions=sessions,\n        symbols=wanted,\n", f"{REPLAY} -k received_later"),
    python("replay", "the cycle's key", '    if material["key_id"] != run.cycle_id:\n', "    if False:\n", f"{REPLAY} -k changed_order"),
    python("replay", "the chain's events", "        if event not in chain:\n", "        if False:\n", f"{REPLAY} -k does_not_know"),
    python("replay", "how it was opened", '_parameters(material["opened"], {k: opened.get(k) for k in material["opened"]}):', "():", f"{REPLAY} -k changed_order"),
    python("replay", "the chain's digests", 'in _parameters(material["digests"], closed.get("rows", {})):', "in ():", f"{REPLAY} -k what_was_read"),
    python("replay", "the chain's verdicts", "in _parameters(judged, said):", "in ():", f"{REPLAY} -k changed_order"),
    python("replay", "the chain's ending", "in _parameters(ending, {key: closed.get(key) for key in ending}):", "in ():", f"{REPLAY} -k changed_order"),
    python("replay", "rows of either side", "        if key not in ours or key not in theirs:\n", "        if key not in ours:\n            continue\n        if key not in theirs:\n", "tests/runner/test_replay.py"),
    python("replay", "keys of either side", "        for key in sorted(before.keys() | after.keys()):\n", "        for key in sorted(before.keys() & after.keys()):\n", "tests/runner/test_replay.py"),
    python("replay", "items of either side", "        for place in range(max(len(before), len(after))):\n", "        for place in range(min(len(before), len(after))):\n", "tests/runner/test_replay.py"),
    python("replay", "bits", "(column and _bits(before) == _bits(after))", "float(before) == float(after)", "tests/runner/test_replay.py"),
    python("replay", "types", "    return type(before) is type(after) and bool(before == after)\n", "    return bool(before == after)\n", "tests/runner/test_replay.py"),
    python("replay", "no true number", " and not isinstance(value, bool)\n", "\n", "tests/runner/test_replay.py"),
    python("replay", "the code's version", "    if code != run.code_version:\n", "    if False:\n", f"{REPLAY} -k code_of"),
    python("replay", "versions of libraries", "        if then != here:\n", "        if False:\n", f"{REPLAY} -k library"),
    python("replay", "the file of the folder", "    return (*notes, *_file_notes(config))\n", "    return tuple(notes)\n", f"{REPLAY} -k file_in_the_folder"),
    python("commands/replay", "reads only", 'db.connect("fund_analyst", autocommit=True, read_only=True)', 'db.connect("fund_analyst", autocommit=True)', f"{REPLAY} -k reads_only"),
    python("db", "from the first statement on", "            connection.commit()  # it holds for the transactions that begin after it\n", "", "tests/runner/test_db.py -k only_reads"),
    python("dashboard/desk", "reads only", "db.connect(ROLE, read_only=True, start=False)", "db.connect(ROLE, start=False)", "tests/runner/dashboard/test_app.py -k cannot_write"),
    python("dashboard/desk", "starts nothing", "db.connect(ROLE, read_only=True, start=False)", "db.connect(ROLE, read_only=True)", "tests/runner/dashboard/test_app.py -k somebody_stopped"),
    python("dashboard/parts", "no Markdown", "    st.text(\" \".join(text.split()))\n", "    st.markdown(text)\n", "tests/runner/dashboard/test_app.py -k kill_is_on"),
    python("dashboard/app", "the banner", "            _banner(desk)\n", "", "tests/runner/dashboard/test_app.py -k kill_is_on"),
    python("commands/replay", "exit 18", "    if differing is not None:\n", "    if False:\n", f"{REPLAY} -k bar_changed_in_place"),
)  # fmt: skip

# What takes two people, and how trading begins again (I15, I20).
PEOPLE = (
    routine("ops.resume", "perform ops.seize_kill_lock(false);", "perform ops.seize_kill_lock();", "tests/seams/test_resume.py -k under_way", what="spares a kill"),
    routine("ops.release_kill_source", "perform ops.seize_kill_lock(false);", "perform ops.seize_kill_lock();", "tests/seams/test_resume.py -k under_way", what="spares a kill"),
    routine("govern.require_operator", "where o.role_name = session_user and o.enrolled", "where o.role_name = session_user", what="retired"),
    routine("govern.require_operator", "where o.role_name = session_user and o.enrolled", "where o.enrolled", what="that login"),
    routine("govern.record_operator", "p_role_name ~ '^fund_operator_[a-z][a-z0-9]{0,30}$' and ", "", what="a name of a person"),
    routine("govern.record_operator", " and p_reason <> '') is not true", ") is not true", what="a reason"),
    routine("govern.record_operator", "        or not exists (select 1 from pg_roles as r where r.rolname = p_role_name)\n", "", what="a role"),
    routine("govern.record_operator", "        or p_event = 'enrolled' and not pg_has_role(p_role_name, 'fund_operator', 'usage')\n", "", what="a member"),
    routine("govern.record_operator", "or p_event = 'retired' and v_last is null then", "then", what="known before"),
    routine("govern.hold_change", "perform 1 from ops.locks as l where l.lock_name = 'orders' for update;", "", WAITS, what="the lock"),
    routine("govern.hold_change", "if (v_state = any (p_states)) is not true then", "if false then", what="the state"),
    routine("govern.hold_change", "if (v_state = any (p_states)) is not true then", "if not (v_state = any (p_states)) then", what="three-valued"),
    routine("govern.approve_change", "if coalesce(p_reason, '') = '' then", "if false then", what="a reason"),
    routine("govern.approve_change", "elsif v_change.author = v_approver then", "elsif false then", CHANGE, what="another person"),
    routine("govern.approve_change", "elsif v_change.base_sha256 <> govern.limits_sha256() then", "elsif false then", what="the same numbers"),
    routine("govern.approve_change", "elsif exists (", "elsif false and exists (", what="taken back once"),
    routine("govern.approve_change", "v_approver constant text := govern.require_operator();", "v_approver constant text := session_user;", what="a person"),
    routine("govern.approve_change", "greatest(v_change.effective_from, c_now)", "c_now", what="its instant"),
    routine("govern.end_change", "if (p_event in ('refused', 'withdrawn') and p_reason <> '') is not true then", "if p_reason = '' then", what="an end"),
    routine("govern.end_change", "if (p_event in ('refused', 'withdrawn') and p_reason <> '') is not true then", "if p_event not in ('refused', 'withdrawn') then", what="a reason"),
    routine("govern.end_change", "v_actor constant text := govern.require_operator();", "v_actor constant text := session_user;", what="a person"),
    routine("govern.propose_change", "if (p_reason <> '' and isfinite(v_from)", "if (isfinite(v_from)", what="a reason"),
    routine("govern.propose_change", "isfinite(v_from) and ", "", what="an instant that is one"),
    routine("govern.propose_change", "v_from >= c_now and ", "", what="not in the past"),
    routine("govern.propose_change", "p_valid_hours between 1 and 720", "true", what="a while"),
    routine("govern.propose_change", "        or p_content is null then", "        then", what="of something"),
    routine("govern.propose_change", "v_author constant text := govern.require_operator();", "v_author constant text := session_user;", what="a person"),
    routine("govern.propose_config", "case when v_loosened <> '{}' then govern.config_content(p_sha256, p_parsed, p_limits) end", "govern.config_content(p_sha256, p_parsed, p_limits)", what="something looser"),
    routine("govern.propose_config", " || govern.loosened_parameters(p_parsed)", "", CHANGE, what="parameters"),
    routine("govern.propose_config", "    perform govern.require_config(p_sha256, p_body, p_parsed);\n", "", what="the file's bytes"),
    routine("govern.propose_lift", " and l.source = 'tightened'", "", what="a tightened row"),
    routine("govern.propose_lift", "and not exists (\n                    select 1 from govern.approved_lifts as f where f.limit_name = l.limit_name and f.version = l.version\n                )", "", what="not lifted before"),
    routine("govern.use_approval", "c.state = 'APPROVED' and ", "", what="approved"),
    routine("govern.use_approval", " and c.effective_from <= ops.now()", "", what="in effect"),
    routine("govern.use_approval", "c.base_sha256 = govern.limits_sha256() and ", "", what="the same numbers"),
    routine("govern.use_approval", " and c.content = govern.config_content(p_sha256, p_parsed, p_limits)", "", what="exactly this"),
    routine("govern.config_content", ", 'limits', p_limits)", ")", tap("govern.use_approval"), what="limits"),
    routine("govern.config_content", ", 'parsed', p_parsed", "", tap("govern.use_approval"), what="values"),
    routine("govern.pin_config", "v_request_id is null then", "false then", tap("govern.use_approval"), CHANGE, what="approved by two"),
    routine("govern.pin_config", " || govern.loosened_parameters(p_parsed)", "", CHANGE, what="parameters"),
    routine("govern.pin_config", "v_loosened := govern.loosened_limits(p_limits) || ", "v_loosened := ", what="limits"),
    routine("govern.pin_config", "perform 1 from ops.locks as l where l.lock_name = 'orders' for update;", "", WAITS, what="the lock"),
    routine("govern.loosened_limits", "n.bound = p.bound and ", "", what="a turned bound"),
    routine("govern.loosened_limits", ") is not true", ") is false", what="three-valued"),
    routine("govern.loosened_limits", "l.source = 'file' and ", "", tap("govern.pin_config", "govern.tighten_limit"), what="the file's number"),
    routine("govern.loosened_parameters", "full join after", "left join after", what="new parameters"),
    routine("govern.loosened_parameters", "full join after", "right join after", what="missing parameters"),
    routine("govern.loosened_parameters", "        end is not true\n", "        end is false\n", what="unknown directions"),
    routine("govern.loosened_parameters", "jsonb_typeof(c.before) = 'number' and jsonb_typeof(c.after) = 'number'", "true", what="numbers"),
    # Neither the configuration nor a threshold in govern.limits_sha256 is one: a version names both, and versions are append-only.
    routine("govern.tighten_limit", "p_reason <> ''\n        and ", "", what="a reason"),
    routine("govern.tighten_limit", "when 'upper' then p_threshold < v_present and ", "when 'upper' then ", what="upper: stricter"),
    routine("govern.tighten_limit", "when 'lower' then p_threshold > v_present and ", "when 'lower' then ", what="lower: stricter"),
    routine("govern.tighten_limit", " and p_threshold >= v_file.threshold / 100", "", what="upper: within reason"),
    routine("govern.tighten_limit", "p_threshold <= greatest(v_file.threshold, 1) * 100", "true", what="lower: within reason"),
    routine("govern.tighten_limit", "\n                and (v_file.unit <> 'score' or p_threshold <= 1)", "", what="a fraction"),
    routine("govern.tighten_limit", "\n        and (v_file.unit not in ('count', 'sessions', 'minutes', 'seconds') or p_threshold = floor(p_threshold))", "", what="whole numbers"),
    routine("govern.tighten_limit", "    ) is not true then", "    ) is false then", what="three-valued"),
    routine("govern.tighten_limit", "perform 1 from ops.locks as l where l.lock_name = 'orders' for update;", "", WAITS, what="the lock"),
    Guard("approved_lifts: stopped before its instant", "sql/views/govern.approved_lifts.sql", "and e.event in ('refused', 'withdrawn')", "and false", (tap("govern.end_change"),)),
    Guard("change_requests: a lift to come is not applied", "sql/views/audit.change_requests.sql", " and c.effective_from <= ops.now() then 'APPLIED'", " then 'APPLIED'", (tap("govern.approve_change", "govern.end_change"),)),
    Guard("effective_limits: a lift's instant", "sql/views/govern.effective_limits.sql", " and f.effective_from <= ops.now()", "", (tap("govern.approve_change", "govern.effective_limit"),)),
    Guard("effective_limits: the stricter", "sql/views/govern.effective_limits.sql", "case c.bound when 'upper' then c.threshold else -c.threshold end", "c.source", (tap("govern.tighten_limit", "govern.effective_limit"),)),
    Guard("effective_limits: the pinned file's", "sql/views/govern.effective_limits.sql", "where l.source = 'file' and l.config_sha256 = govern.pinned_config()", "where l.source = 'file'", (tap("govern.effective_limit", "govern.tighten_limit", "govern.pin_config"),)),
    Guard("change_requests: once applied", "sql/views/audit.change_requests.sql", "        when u.event is not null and c.effective_from <= ops.now() then 'APPLIED'\n", "", (tap("govern.use_approval", "govern.approve_change"),)),
    Guard("change_requests: once ended", "sql/views/audit.change_requests.sql", "        when d.event is not null then upper(d.event)\n", "", (tap("govern.end_change"),)),
    Guard("change_requests: expired", "sql/views/audit.change_requests.sql", "        when c.expires_at <= ops.now() then 'EXPIRED'\n", "", (tap("govern.approve_change", "govern.use_approval"),)),
    routine("govern.approve_liquidation", "p_reason <> '' and ", "", what="a reason"),
    routine("govern.approve_liquidation", "p_hours between 1 and 168", "true", what="an end"),
    routine("govern.approve_liquidation", "if (p_reason <> '' and p_hours between 1 and 168) is not true then", "if not (p_reason <> '' and p_hours between 1 and 168) then", what="three-valued"),
    routine("govern.approve_liquidation", "(trade.require_account(p_account)).account", "p_account", what="an account"),
    routine("govern.liquidation_approved", "a.account = p_account and ", "", what="that account"),
    routine("govern.liquidation_approved", " and a.expires_at > ops.now()", "", what="until its end"),
    routine("govern.liquidation_approved", "s.source = 'loss' and ", "", what="a loss"),
    routine("govern.liquidation_approved", "                and trade.capital_loss(p_account) >= govern.effective_limit('kill_loss')\n", "", what="its own loss"),
    routine("govern.liquidation_approved", " and v.parsed #> '{breakers,liquidate_on_kill}' = 'true'", "", what="where the configuration says so"),
    routine("govern.state_refusal", "p.demands = 'APPROVAL' and govern.liquidation_approved(p_account)", "p.demands = 'APPROVAL'", tap("govern.liquidation_approved"), what="the approval"),
    python("commands/approve", "what the second person agrees to is the file", "            approvals.require_true_content(connection, change)\n", "", CHANGE),
    python("approvals", "values and limits", "    if wrong:\n", "    if False:\n", CHANGE),
    python("commands/approve", "refused or withdrawn", "    if refuse and withdraw:\n", "    if False:\n", CHANGE, "tests/runner/test_cli.py"),
    python("commands/config", "a hash file only of what is pinned", "        if error.code != \"MQ232\":\n            raise\n", "        golden.write_hash()\n        if error.code != \"MQ232\":\n            raise\n", CHANGE),
    python("lock", "asked twice is one change", '            if row["content"].get("config_sha256") != config.sha256:\n', "            if True:\n", CHANGE),
    python("lock", "a change over other numbers pins nothing", 'row["base_sha256"] == base and ', "", CHANGE),
    python("lock", "a change that says other numbers pins nothing", ' and not misstated(config, row["content"]["parsed"], row["content"]["limits"])', "", CHANGE),
    python("lock", "the pin is the file's", "    if pinned != config.sha256:\n", "    if False:\n", CHANGE),
    python("lock", "the pin is what the file says", "    if wrong:\n", "    if False:\n", CHANGE),
    python("operators", "a person's name", "    if not _NAME.fullmatch(name):\n", "    if False:\n", CHANGE),
    python("operators", "a retired person's sessions end", 'ended = not statements or _no_session_left(role)', "ended = True", CHANGE),
    python("operators", "a retired person cannot log in", 'role=role, reason=reason)\n        if statements:', "role=role, reason=reason)[:0]\n        if statements:", CHANGE),
    python("operators", "a password that is kept nowhere", "if keep else secrets.token_urlsafe(32)", "if True else secrets.token_urlsafe(32)", CHANGE),
    # a kill, and what ends it
    routine("ops.kill_engaged", " or ops.resume_pending() is not false", "", tap("ops.resume_pending", "ops.resume"), RESUME, what="until resumed"),
    routine("ops.resume_pending", "e.action = 'engage' and ", "", what="engagements"),
    routine("ops.resume_pending", " and e.event_id > coalesce((select max(r.event_id) from ops.resumptions as r), 0)", "", what="answered"),
    routine("ops.resume", "'item', 'reason', 'is_clear', coalesce(p_reason, '') <> '',", "'item', 'reason', 'is_clear', true,", what="a reason"),
    routine("ops.resume", "v_engaged and not jsonb_path_exists(v_items, '$[*] ? (@.is_clear == false)');", "v_engaged;", what="the checklist"),
    routine("ops.resume", "boolean := v_engaged and not", "boolean := not", what="a kill"),
    routine("ops.resume", "        perform ops.seize_kill_lock(false);\n", "", RESUME, what="the kill row"),
    routine("ops.resume", "(select jsonb_agg(to_jsonb(c)) from ops.resume_checklist(false) as c where not c.is_clear), '[]'", "'[]'::jsonb, '[]'", RESUME, what="asked again"),
    routine("ops.resume", "max(e.event_id), p_reason,", "max(e.event_id) + 1000, p_reason,", what="answers the last kill"),
    routine("ops.resume_checklist", "case when not pg_has_role(session_user, 'fund_operator', 'member') then\n            format('%s is no operator', session_user) end", "null", what="an operator"),
    routine("ops.resume_checklist", "        from ops.kill_sources as s\n", "        from ops.kill_sources as s where false\n", what="sources"),
    routine("ops.resume_checklist", "                    where b.account = a.account having count(*) > 0\n                ), trade.release_gate(a.account)", "                    where false having count(*) > 0\n                ), trade.release_gate(a.account)", what="open breaks"),
    routine("ops.resume_checklist", "), trade.release_gate(a.account)\n", "), null\n", what="a clean reading"),
    routine("ops.resume_checklist", "case when not c.is_over then format(", "case when false then format(", what="cooldowns"),
    routine("ops.resume_checklist", "case when v.intact is not true then format('%s at seq %s', v.problem, v.broken_seq) end", "null", what="the chain"),
    routine("ops.kill_cooldowns", "case when e.source in ('loss', 'cvar') then 'sessions' else 'minutes' end as kind", "'minutes' as kind", what="losses count sessions"),
    routine("ops.kill_cooldowns", "max(e.occurred_at) as since", "min(e.occurred_at) as since", what="from the last one"),
    routine("ops.kill_cooldowns", "(m.passed >= m.needed) is true", "(m.passed < m.needed) is not true", what="three-valued"),
    routine("ops.kill_cooldowns", "select min(c.sessions)::double precision", "select max(c.sessions)::double precision", what="the slowest calendar"),
    routine("ops.kill_cooldowns", "and s.opens_at > g.since and s.closes_at <= ops.now()", "and s.closes_at > g.since and s.closes_at <= ops.now()", what="whole sessions"),
    routine("ops.kill_cooldowns", " and s.closes_at <= ops.now()", "", what="sessions that are over"),
    routine("ops.kill_cooldowns", " and e.event_id > coalesce((select max(r.event_id) from ops.resumptions as r), 0)", "", what="of this kill"),
    routine("ops.clear_kill_source", "    if p_source = 'file' then\n", "    if false then\n", what="a file is its host's"),
    routine("ops.clear_kill_source", "if coalesce(p_reason, '') = '' or ", "if ", what="a reason"),
    routine("ops.clear_kill_source", "if v_chain.intact is not true then", "if false then", what="a broken chain"),
    routine("ops.release_kill_source", "where s.source = p_source and s.host = p_host", "where s.source = p_source", what="that host's"),
    routine("ops.release_kill_source", "    perform ops.seize_kill_lock(false);\n", "", KILL, what="the kill row"),
    routine("ops.report_kill_file", "return ops.engage_kill_switch('kill file on ' || p_host, 'file', p_host);", "return false;", what="a file kills"),
    routine("ops.engage_kill_switch", "    perform ops.seize_kill_lock();\n", "", KILL, what="the kill row"),
    routine("ops.engage_kill_switch", "if coalesce(p_reason, '') = ''\n        or ", "if ", what="a reason"),
    routine("ops.engage_kill_switch", "if not v_new and exists (", "if not v_new or exists (", what="another word"),
    routine("trade.engage_loss_kill", " where starts_with(e.reason, c_account)", "", what="another account's loss"),
    routine("ops.engagements", " and e.host = s.host", "", what="its host"),
    routine("ops.engagements", "c.source = p_source and c.host = p_host and c.action = 'clear'", "false", what="since it was cleared"),
    routine("decide.protocol_base", " and k.opened_at < s.closes_at", "", what="run in time"),
    routine("govern.layer_09_recovery", "                when j.resumed_at is not null then 'RESUMED_SINCE'\n", "", what="a resumption since"),
    routine("trade.cancel_entries", "        when v_resumed_at is not null then 'RESUMED_SINCE'\n", "", what="a resumption since"),
    python("commands/kill", "ended by another", "if error.code != ENDED or attempts <= 1:", "if True:", RESUME),
    python("commands/resume", "a reason", "    if (clear or not check) and not reason.strip():\n", "    if False:\n", RESUME),
    python("commands/resume", "the anchors first", "            verifier.require_intact(config, say)\n", "            say(\"\")\n", TAMPER),
    python("commands/resume", "this host's file", '        db.fetch_value(\n            connection, "ops.report_kill_file", host=socket.gethostname(), present=config.kill_switch_file.exists()\n        )\n', "", RESUME),
    python("commands/resume", "a look resumes nothing", 'name = "ops.resume_checklist" if check else "ops.resume"', 'name = "ops.resume"', RESUME),
    python("commands/resume", "the head after", '        verifier.anchor(config, "resume")\n', "        pass\n", RESUME, TAMPER),
    python("commands/kill", "the file", '        path.write_text(f"{reason}\\n", encoding="utf-8")\n', "", RESUME),
    python("commands/kill", "a reason", "    if not reason.strip():\n", "    if False:\n", RESUME, "tests/runner/test_cli.py"),
)  # fmt: skip


def guards() -> tuple[Guard, ...]:
    """Every guard, in the order of the table."""
    objects = (ROOT / "tests" / "seams" / "control_objects.out").read_text(encoding="utf-8").splitlines()
    return (
        *WRITTEN,
        *CHAIN,
        *REPEATED,
        *PEOPLE,
        *(layer(number, name) for number, name in LAYERS),
        *(limit(name) for name in ORDER_LIMITS),
        *(append_only(relation) for relation in APPEND_ONLY),
        *(dropped(line) for line in objects if line.startswith(("constraint | ", "unique | ", "trigger | "))),
    )
