"""Replay: a past run recomputed in a shadow from what it stored, and every stored value compared (I24).

Nothing here writes: the connection is an analyst's and read only, the stages are the cycle's own. What a run read is
checked first, by digest (configuration, the gate's rows, the panel, the account), so that a changed fact is named
before the numbers that follow from it. Numbers are compared by their bits: columns of float8 as such, numbers inside
json by every stored digit.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from runner import config as golden
from runner import db, deploy, records, versions
from runner import inputs as inputs_read
from runner.config import ConfigError, GoldenConfig
from runner.db import Connection
from runner.errors import FundError, ReplayDiffers, UsageError
from runner.models import AccountState, CycleInputs, CycleResult, Decision, Panel
from runner.stages import halted_decisions, stages

#: Stages in the order a run goes through them; a replay names the first that differs.
STAGES = ("code", "configuration", "inputs", "agents", "meta-brain", "auction", "risk", "decisions", "orders", "audit")

#: Sessions beyond the stored window that are asked for, should the calendar or a source have moved it since.
_SLACK_SESSIONS = 5

#: What a run reads before its gate is judged, and what it reads after.
_READ_OPENING = ("decide.cycle_inputs", "ref.benchmarks", "trade.account_state", "decide.load_state")
_READ_COMPUTING = ("market.panel", "govern.effective_limits")

#: decide.decisions: where a value of metadata comes from; the rest is the decision's own.
_METADATA_STAGES = {
    **dict.fromkeys(
        ("coverage", "mu_mean", "variance_mu", "variance_score", "penalty", "robust_z", "kelly"), "meta-brain"
    ),
    **dict.fromkeys(("request", "award", "bound", "after_turnover"), "auction"),
    **dict.fromkeys(("after_cvar", "limit_factor", "soft_factor", "component_cvar"), "risk"),
}
_COLUMN_STAGES = {
    **dict.fromkeys(("mu_hat", "sigma_hat", "conviction", "agent_results"), "meta-brain"),
    "risk_checks": "risk",
}
_PART_STAGES = {"model_outputs": "agents", **dict.fromkeys(("risk_checks", "risk_states", "regime_states"), "risk")}

#: Columns that name a row of a part.
_KEYS = {
    "model_outputs": ("symbol", "agent"),
    "risk_checks": ("check_number",),
    "risk_states": (),
    "regime_states": (),
    "symbol_states": ("symbol",),
    "decisions": ("symbol",),
    "intents": ("place",),
    "orders": ("client_order_id",),
    "runs": (),
}


@dataclass(frozen=True)
class Difference:
    """One value that is not what the run stored. stored: then; replayed: now, or recomputed. None: not there."""

    stage: str
    relation: str
    key: str
    field: str
    stored: Any
    replayed: Any

    def __str__(self) -> str:
        """Where, and both values; floats with their bits."""
        where = " ".join(part for part in (self.relation, self.key, self.field) if part)
        return f"{self.stage}: {where}: stored {shown(self.stored)}, now {shown(self.replayed)}"


@dataclass(frozen=True)
class Run:
    """A run to be replayed, as audit.replayable_runs gives it."""

    cycle_id: str
    run: int
    account: str
    mode: str
    strategy: str
    as_of_session: date
    trade_session: date
    slot: str
    state: str
    layer: int | None
    reason: str | None
    as_of: datetime
    recorded_before: datetime
    config_sha256: str
    code_version: str
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Material:
    """What a run stored and read. panel None: its gate refused it before it read one.

    phase_session: from which the sessions of the phase it found were counted.
    """

    run: Run
    config: GoldenConfig
    inputs: CycleInputs
    state: AccountState
    phase_session: str | None
    panel: Panel | None
    limits: Mapping[str, float]
    placed: tuple[records.PlacedOrder, ...]
    rows: Mapping[str, list[dict[str, Any]]]
    faults: tuple[Difference, ...]


@dataclass(frozen=True)
class Replay:
    """How a replay ended. notes: what is of another version; compared: how many stored values were recomputed."""

    run: Run
    notes: tuple[str, ...]
    compared: int
    differences: tuple[Difference, ...]


class CannotReplay(ReplayDiffers):
    """A run cannot be recomputed from what is stored."""

    remedy = "It ran before inputs were stored for replay, or they were changed: `python -m runner audit verify`."

    def __init__(self, difference: Difference) -> None:
        """`difference` is what is missing, or cannot be read."""
        super().__init__(
            f"it cannot be recomputed: {difference}", _REMEDIES["code"] if difference.stage == "code" else None
        )
        self.difference = difference


def find(connection: Connection, cycle: str, run: int | None) -> Run:
    """The run of the cycle that `cycle` means (audit.find_cycle): the given one, else the one whose decisions count.

    Raises: UsageError for one that decided nothing; FundError MQ450, MQ451.
    """
    cycle_id = db.fetch_value(connection, "audit.find_cycle", cycle=cycle, account=None)
    found = _runs(connection, cycle_id=cycle_id, run=run)
    if not found:
        raise UsageError(f"cycle {cycle_id[:12]} has no run {run}", "Leave --run out, or give one it has.")
    if found[0].state not in ("DONE", "HALTED"):
        ended = "is still open" if found[0].state == "OPEN" else f"FAILED ({found[0].reason})"
        raise UsageError(
            f"run {found[0].run} of cycle {cycle_id[:12]} {ended}: it decided nothing, there is nothing to replay",
            "`python -m runner cycle` opens the next run; replay that one.",
        )
    return found[0]


def find_range(connection: Connection, first: date, last: date, account: str | None) -> list[Run]:
    """The runs of every cycle as of a session from `first` to `last`, those that decided nothing left out.

    Raises: UsageError where there is none.
    """
    found = [
        run for run in _runs(connection, first=first, last=last, account=account) if run.state in ("DONE", "HALTED")
    ]
    if not found:
        raise UsageError(
            f"no cycle as of a session from {first} to {last} ended DONE or HALTED",
            "`python -m runner status` shows the last cycles.",
        )
    return found


def _runs(connection: Connection, **wanted: Any) -> list[Run]:
    asked = {"cycle_id": None, "run": None, "first": None, "last": None, "account": None} | wanted
    return [Run(**row) for row in db.fetch_all(connection, "audit.replayable_runs", **asked)]


def altered_bars(connection: Connection) -> list[dict[str, Any]]:
    """Bars somebody edited in place, for `load`: once for a whole range of replays."""
    return db.fetch_all(connection, "market.altered_bars")


def replay(connection: Connection, run: Run, altered: Sequence[Mapping[str, Any]]) -> Replay:
    """Recompute a run and compare everything it stored; one that cannot be recomputed differs by what it lacks."""
    try:
        with connection.transaction():
            material = load(connection, run, altered)
            notes = _notes(connection, run, material.config)
    except CannotReplay as error:
        return Replay(run, (), 0, (error.difference,))
    expected = recompute(material)
    differences = list(material.faults)
    compared = 0
    for part, rows in expected.items():
        for difference in _compare_part(part, rows, material.rows.get(part, [])):
            if difference is None:
                compared += 1
            else:
                differences.append(difference)
    differences.sort(key=lambda found: STAGES.index(found.stage))
    return Replay(run, notes, compared, tuple(differences))


# --- what it stored and read ------------------------------------------------------------------------------------------


def load(connection: Connection, run: Run, altered: Sequence[Mapping[str, Any]]) -> Material:
    """What a run stored and read, and what of it has changed. Raises: CannotReplay where something is missing."""
    found = db.fetch_one(connection, "audit.replay_run", cycle_id=run.cycle_id, run=run.run)
    material, rows = found["material"], json.loads(found["rows"], parse_float=Decimal)
    read = material["read"]
    needed = (
        _READ_OPENING if "market.panel" not in read and run.state == "HALTED" else (*_READ_OPENING, *_READ_COMPUTING)
    )
    missing = [name for name in needed if name not in read]
    if missing:
        raise CannotReplay(
            Difference("inputs", "decide.run_inputs", missing[0], "content", "by every later cycle", None)
        )
    faults: list[Difference] = []
    config, changed = _config(run, material["config"])
    faults += changed
    faults += [
        Difference("inputs", name, "", "content", entry["sha256"], entry["now"])
        for name, entry in sorted(read.items())
        if entry["sha256"] != entry["now"]
    ]
    inputs = _inputs(run, material["cycle_inputs"], read["ref.benchmarks"]["content"])
    faults += _input_faults(inputs, material, read["decide.cycle_inputs"]["content"])
    panel = None
    if "market.panel" in read:
        panel, moved = _panel(connection, run, read["market.panel"]["content"], altered)
        faults += moved
    faults += _chain_faults(run, material, json.loads(found["chain"], parse_float=Decimal), rows)
    placed = tuple(
        records.PlacedOrder(**{**row, "quantity": Decimal(row["quantity"])})
        for row in (read["trade.place_orders"]["content"] if "trade.place_orders" in read else ())
    )
    rows["intents"] = [
        {"place": place, "symbol": o.symbol, "leg": o.leg, "side": o.side, "quantity": o.quantity}
        for place, o in enumerate(placed, start=1)
    ]
    # Who closed the run told its exit code; no stage computes it.
    rows["runs"] = [{key: value for key, value in row.items() if key != "exit_code"} for row in rows["runs"]]
    return Material(
        run=run,
        config=config,
        inputs=inputs,
        state=records.account_state(
            run.account, read["trade.account_state"]["content"], read["decide.load_state"]["content"]
        ),
        phase_session=read["decide.load_state"]["content"].get("phase_session"),
        panel=panel,
        limits=read["govern.effective_limits"]["content"] if panel is not None else {},
        placed=placed,
        rows=rows,
        faults=tuple(faults),
    )


def _config(run: Run, stored: Mapping[str, Any]) -> tuple[GoldenConfig, list[Difference]]:
    """The configuration of the stored bytes, and where they are not those the cycle was keyed by."""
    body = base64.b64decode(stored["body"])
    actual = hashlib.sha256(body).hexdigest()
    relation, key = "govern.config_versions", run.config_sha256[:12]
    faults = []
    if actual != run.config_sha256:
        faults.append(
            Difference("configuration", relation, key, f"body{_first_byte(run, body)}", run.config_sha256, actual)
        )
    try:
        config = _parsed(body)
    except ConfigError as error:
        # Where nothing was changed, another version of the code asks for other parameters.
        stage, read_by = ("configuration", "a configuration") if faults else ("code", f"read by {run.code_version}")
        unreadable = Difference(stage, relation, key, f"body{_first_byte(run, body)}", read_by, error.message)
        raise CannotReplay(unreadable) from None
    for path, now, then in _parameters(config.parsed, stored["parsed"]):
        faults.append(Difference("configuration", relation, key, path, then, now))
    return config, faults


@cache
def _parsed(body: bytes) -> GoldenConfig:
    """The configuration of these bytes; a range of cycles has few of them."""
    return golden.parse(body, {})


def _first_byte(run: Run, body: bytes) -> str:
    """Where the bytes first differ, if the file of the working folder still is the one the cycle ran under."""
    original = golden.CONFIG_PATH.read_bytes() if golden.CONFIG_PATH.exists() else b""
    if original == body or hashlib.sha256(original).hexdigest() != run.config_sha256:
        return ""
    at = next(
        (i for i, (a, b) in enumerate(zip(original, body, strict=False)) if a != b), min(len(original), len(body))
    )
    return f" at byte {at} (line {original[:at].count(10) + 1})"


def _parameters(now: Any, then: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(dotted path, value now, value then) of every parameter that differs."""
    if isinstance(now, dict) and isinstance(then, dict):
        for key in sorted(now.keys() | then.keys()):
            yield from _parameters(now.get(key), then.get(key), f"{path}.{key}" if path else key)
    elif now != then:
        yield path, now, then


def _inputs(run: Run, rows: Sequence[Mapping[str, Any]], benchmarks: Sequence[Mapping[str, Any]]) -> CycleInputs:
    """The gate's rows as the cycle read them; in json a whole float8 is an integer, and a date is text."""
    typed = []
    for row in rows:
        last = row["last_session"]
        reals = ("data_quality_score", "provider_confidence", "last_close")
        floats = {name: None if row[name] is None else float(row[name]) for name in reals}
        typed.append({**row, **floats, "last_session": None if last is None else date.fromisoformat(last)})
    return records.cycle_inputs(run.as_of_session, typed, benchmarks)


def _input_faults(inputs: CycleInputs, material: Mapping[str, Any], then: Mapping[str, Any]) -> list[Difference]:
    """Which of the gate's rows and fields are not what was read."""
    relation = "decide.cycle_inputs"
    now = inputs_read.rows_content(inputs)
    rows = {row["symbol"]: row for row in material["cycle_inputs"]}
    names = inputs_read.changed(then["symbols"], now["symbols"])
    fields = inputs_read.changed(then["fields"], now["fields"])
    faults = [
        Difference("inputs", relation, symbol, field, "another value", _field(rows.get(symbol), field))
        for symbol in names
        for field in fields or ["row"]
    ]
    recorded, digest = material["opened"]["inputs_sha256"], material["inputs_sha256"]
    if not faults and recorded != digest:
        faults.append(Difference("inputs", relation, "", "rows", recorded, digest))
    return faults


def _field(row: Mapping[str, Any] | None, field: str) -> Any:
    section, _, name = field.partition(".")
    if row is None:
        return None
    return row["features"].get(name) if section == "features" else row.get(section)


def _panel(
    connection: Connection, run: Run, then: Mapping[str, Any], altered: Sequence[Mapping[str, Any]]
) -> tuple[Panel, list[Difference]]:
    """The panel as of the run's instants, on the window it had, and which closes of it are not what was read."""
    wanted = sorted(then["symbols"])
    sessions = len(then["sessions"]) + _SLACK_SESSIONS
    axis = [
        row["session"] for row in db.fetch_all(connection, "market.panel_sessions", as_of=run.as_of, sessions=sessions)
    ]
    rows = db.fetch_all(
        connection,
        "market.panel",
        as_of=run.as_of,
        recorded_before=run.recorded_before,
        sessions=sessions,
        symbols=wanted,
    )
    days = np.array(axis, dtype="datetime64[D]")
    closes = np.column_stack([row["closes"] for row in rows]) if rows else np.empty((len(days), 0))
    panel = inputs_read.aligned(then, Panel(tuple(row["symbol"] for row in rows), days, closes))
    now = inputs_read.panel_content(panel)
    faults = [
        Difference("inputs", "market.price_history", f"{bar['symbol']} {bar['session']}", bar["field"], *_sides(bar))
        for bar in altered
        if bar["symbol"] in then["symbols"] and bar["session"] <= run.as_of_session and bar["known_at"] <= run.as_of
    ]
    moved = inputs_read.changed(then["sessions"], now["sessions"])
    for symbol in inputs_read.changed(then["symbols"], now["symbols"]):
        place = moved[0] if len(moved) == 1 else f"{len(moved)} sessions, {moved[0]} to {moved[-1]}" if moved else ""
        close: Any = now["symbols"].get(symbol)
        if len(moved) == 1:
            here = panel.sessions == np.datetime64(moved[0], "D")
            close = float(panel.closes[here, panel.symbols.index(symbol)][0])
        faults.append(Difference("inputs", "market.panel", symbol, f"close of {place}", "another value", close))
    if not faults and then["sha256"] != now["sha256"]:
        faults.append(Difference("inputs", "market.panel", "", "sha256", then["sha256"], now["sha256"]))
    return panel, faults


def _sides(bar: Mapping[str, Any]) -> tuple[Any, Any]:
    return bar["received"], bar["elected"]


def _chain_faults(
    run: Run, material: Mapping[str, Any], chain: Mapping[str, Any], rows: Mapping[str, Any]
) -> list[Difference]:
    """Where what is stored is not what the audit chain says was stored."""
    faults = []
    if material["key_id"] != run.cycle_id:
        faults.append(Difference("audit", "decide.cycles", "", "cycle_id", run.cycle_id, material["key_id"]))
    for event in ("opened", "closed"):
        if event not in chain:
            faults.append(Difference("audit", "audit.audit_log", "", f"cycle.{event}", None, None))
    opened, closed = chain.get("opened", {}), chain.get("closed", {})
    for path, now, then in _parameters(material["opened"], {k: opened.get(k) for k in material["opened"]}):
        faults.append(Difference("audit", "decide.cycle_runs", "", path, then, now))
    for path, now, then in _parameters(material["digests"], closed.get("rows", {})):
        faults.append(Difference("audit", "audit.audit_log", "rows", path, then, now))
    judged = {str(row["layer"]): row for row in rows.get("verdicts", [])}
    said = {str(row["layer"]): row for row in closed.get("verdicts", [])}
    for path, now, then in _parameters(judged, said):
        faults.append(Difference("audit", "decide.gate_verdicts", "layer", path, then, now))
    ending = rows["runs"][0]
    for path, now, then in _parameters(ending, {key: closed.get(key) for key in ending}):
        faults.append(Difference("audit", "decide.cycle_runs", "", path, then, now))
    return faults


# --- recomputing ------------------------------------------------------------------------------------------------------


def recompute(material: Material) -> dict[str, list[dict[str, Any]]]:
    """Every row the run should have stored, by part, as json gives numbers back (floats as Decimal of their digits)."""
    run = material.run
    result = None if material.panel is None else compute(material)
    decisions, ending = _decided(material, result)
    rows: dict[str, Any] = {
        "decisions": [{**row, "timestamp": _utc(run.as_of)} for row in records.decision_rows(run.as_of, decisions)],
        "runs": [ending],
    }
    if result is not None and material.panel is not None:
        rows["model_outputs"] = result.views
        if result.risk_state is not None:
            session = str(run.as_of_session)
            risk, regime = records.stored_risk(result.risk_state, session, material.phase_session)
            rows |= {
                "risk_checks": records.check_rows(result),
                "risk_states": [{**risk, "slot": run.slot}],
                "regime_states": [regime],
                "symbol_states": records.memory_rows(result, material.panel),
            }
    if run.state == "DONE" and result is not None:
        rows |= {"intents": _intents(result, run.mode), "orders": _orders(material, result)}
    plain = {part: json.loads(db.as_json(value), parse_float=Decimal) for part, value in rows.items()}
    for row in (*plain.get("intents", ()), *plain.get("orders", ())):
        row["quantity"] = Decimal(row["quantity"])
    return plain


def compute(material: Material, config: GoldenConfig | None = None) -> CycleResult:
    """The stages of a run whose gate passed, under its own configuration in force or another."""
    assert material.panel is not None
    in_force = golden.with_limits(material.config, material.limits) if config is None else config
    run = material.run
    return stages(material.panel, material.inputs, material.state, in_force, run.strategy, run.slot)


def _decided(material: Material, result: CycleResult | None) -> tuple[tuple[Decision, ...], dict[str, Any]]:
    """The decisions, and how the run ended: of a halted one every decision is its layer's."""
    run = material.run
    if run.state == "DONE":
        assert result is not None
        decisions = records.with_orders(result, material.placed, shadow=run.mode == "shadow")
        summary = records.summary(result, decisions, len(material.placed))
        return decisions, {"layer": None, "reason": "DONE", "summary": summary}
    layer = run.layer or 0
    codes = tuple(result.metadata.get("codes", ())) if result is not None else ()
    if result is not None and result.halt_layer is not None:
        layer = result.halt_layer
    said = next((v["reason_code"] for v in material.rows.get("verdicts", []) if v["layer"] == layer), run.reason or "")
    decisions = halted_decisions(material.inputs, material.state, layer, codes or (said,))
    return decisions, {
        "layer": layer,
        "reason": (codes or (said,))[0],
        "summary": {"decisions": records.counts(decisions)},
    }


def _intents(result: CycleResult, mode: str) -> list[dict[str, Any]]:
    """The basket as it was handed to trade.place_orders, in its order; a shadow run hands none."""
    rows = records.intent_rows(result) if mode != "shadow" else []
    return [{"place": place, **row} for place, row in enumerate(rows, start=1)]


def _orders(material: Material, result: CycleResult) -> list[dict[str, Any]]:
    """Rows of trade.orders for the intents: what was asked, under the ids SQL gave them."""
    ids = {(order.symbol, order.leg): order.client_order_id for order in material.placed}
    return [
        {
            **{name: row[name] for name in ("symbol", "leg", "side", "quantity")},
            "client_order_id": ids.get((row["symbol"], row["leg"]), f"{row['symbol']} {row['leg']}"),
            "order_type": "MARKET",
            "time_in_force": "DAY",
            "limit_price": None,
            "stop_price": None,
            "trade_session": str(material.run.trade_session),
            "config_sha256": material.run.config_sha256,
        }
        for row in _intents(result, material.run.mode)
    ]


# --- comparing --------------------------------------------------------------------------------------------------------


def _compare_part(
    part: str, replayed: Sequence[Mapping[str, Any]], stored: Sequence[Mapping[str, Any]]
) -> Iterator[Difference | None]:
    """A difference, or None for a value that is the same, for every value of either side."""
    named = {"intents": "trade.place_orders", "orders": "trade.orders", "runs": "decide.cycle_runs"}
    relation = named.get(part, f"decide.{part}")
    ours, theirs = _keyed(part, replayed), _keyed(part, stored)
    for key in dict.fromkeys((*theirs, *ours)):
        if key not in ours or key not in theirs:
            stage = _stage(part, ())
            there = ("a row", None) if key in theirs else (None, "a row")
            yield Difference(stage, relation, key, "", *there)
            continue
        for path, before, after in _leaves(theirs[key], ours[key]):
            same = _same(before, after, column=len(path) == 1)
            field = ".".join(path)
            yield None if same else Difference(_stage(part, path), relation, key, field, before, after)


def _keyed(part: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {" ".join(str(row[name]) for name in _KEYS[part]): row for row in rows}


_ABSENT = object()


def _leaves(before: Any, after: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """(path, stored, recomputed) of every value of either side, in a fixed order."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(before.keys() | after.keys()):
            yield from _leaves(before.get(key, _ABSENT), after.get(key, _ABSENT), (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        for place in range(max(len(before), len(after))):
            then, now = (side[place] if place < len(side) else _ABSENT for side in (before, after))
            yield from _leaves(then, now, (*path, str(place)))
    else:
        yield path, before, after


def _same(before: Any, after: Any, *, column: bool) -> bool:
    """Whether two values are the same: numbers by their bits, everything else exactly."""
    if _is_number(before) and _is_number(after):
        # A column's text has the fewest digits that give its bits back, and there may be two such texts.
        return Decimal(before) == Decimal(after) or (column and _bits(before) == _bits(after))
    return type(before) is type(after) and bool(before == after)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _bits(value: Any) -> bytes:
    return struct.pack(">d", float(value) + 0.0)


def _stage(part: str, path: tuple[str, ...]) -> str:
    if part == "decisions" and path:
        if path[0] == "metadata":
            return _METADATA_STAGES.get(path[1] if len(path) > 1 else "", "decisions")
        return _COLUMN_STAGES.get(path[0], "decisions")
    if part in ("intents", "orders"):
        return "orders"
    return _PART_STAGES.get(part, "decisions")


# --- versions ---------------------------------------------------------------------------------------------------------


def _notes(connection: Connection, run: Run, config: GoldenConfig) -> tuple[str, ...]:
    """What is of another version now than when the run was computed; it is compared all the same."""
    notes = []
    code = versions.code_version()
    if code != run.code_version:
        notes.append(f"code {run.code_version} -> {code}")
    now = versions.everything(connection)
    for name in sorted(run.versions.keys() | now.keys()):
        then, here = run.versions.get(name), now.get(name)
        if then != here:
            notes.append(f"{name} {_brief(then)} -> {_brief(here)}")
    drift = deploy.drift(connection, catalog=False)
    if drift:
        notes.append(f"{drift[0]}" + (f", and {len(drift) - 1} more" if len(drift) > 1 else ""))
    return (*notes, *_file_notes(config))


def _file_notes(config: GoldenConfig, path: Path = golden.CONFIG_PATH) -> Iterator[str]:
    """How the configuration file of the working folder differs from the one the cycle ran under, which is replayed."""
    body = path.read_bytes() if path.exists() else None
    if body is None or body == config.body:
        return
    try:
        changed = [p for p, _, _ in _parameters(_parsed(body).parsed, config.parsed)]
    except ConfigError as error:
        changed = [error.message]
    at = next((i for i, (a, b) in enumerate(zip(config.body, body, strict=False)) if a != b), None)
    line = "" if at is None else f" from byte {at} (line {config.body[:at].count(10) + 1})"
    yield f"{path} differs{line} from what the cycle ran under: {', '.join(changed) or 'no value'}"


def _brief(version: str | None) -> str:
    """A version, a digest shortened."""
    text = version or "not recorded"
    return f"{text[:12]}…" if len(text) == 64 and " " not in text else text


def refusal(found: Replay) -> FundError:
    """The one line for a replay that differs: the first difference, its stage, how many more."""
    first, more = found.differences[0], len(found.differences) - 1
    return ReplayDiffers(
        f"cycle {found.run.cycle_id[:12]} run {found.run.run} as of {found.run.as_of_session}: {first}"
        + (f" (and {more} more)" if more else ""),
        _REMEDIES.get(first.stage, ReplayDiffers.remedy),
    )


_REMEDIES = {
    "code": "Nothing was changed: this version of the code cannot read it. Replay with the one the cycle ran under.",
    "configuration": "The configuration's bytes were changed after the cycle ran; `python -m runner audit verify`.",
    "inputs": "A fact the cycle read was changed after it ran; `python -m runner audit verify` and a backup say how.",
    "audit": "What is stored is not what the audit chain says; `python -m runner audit verify`.",
}


def _utc(instant: datetime) -> str:
    """As ops.utc_text writes it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def shown(value: Any) -> str:
    """A value for a person: floats with their bits."""
    if value is None or value is _ABSENT:
        return "nothing"
    if isinstance(value, (float, Decimal)):
        return f"{value} ({float(value).hex()})"
    return str(value)
