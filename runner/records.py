"""What a cycle makes of its result as rows, and of what it read as an account: the same for a cycle and its replay.

Pure: no clock, environment or database, so that a replay stores nothing and still builds every row a cycle stored.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from runner.models import (
    AccountState,
    CycleInputs,
    CycleResult,
    Decision,
    Panel,
    ProtocolState,
    RegimeFit,
    RegimeMemory,
    RiskState,
    SymbolInput,
    SymbolState,
)
from runner.risk import regimes


@dataclass(frozen=True)
class PlacedOrder:
    """What trade.place_orders made of an intent."""

    client_order_id: str
    symbol: str
    leg: str
    side: str
    quantity: Decimal
    state: str
    refused_by: str | None


def cycle_inputs(
    as_of_session: date, rows: Sequence[Mapping[str, Any]], benchmarks: Sequence[Mapping[str, Any]]
) -> CycleInputs:
    """The inputs of a cycle from rows of decide.cycle_inputs and of the instruments flagged as benchmarks."""
    return CycleInputs(
        as_of_session=as_of_session,
        benchmark=benchmarks[0]["symbol"] if benchmarks else None,
        symbols=tuple(SymbolInput(**{**row, "governance_reasons": tuple(row["governance_reasons"])}) for row in rows),
    )


def account_state(account: str, book: Mapping[str, Any], memory: Mapping[str, Any]) -> AccountState:
    """The account as trade.account_state (`book`) and decide.load_state (`memory`) tell it."""
    return AccountState(
        account=account,
        nav=_number(book["nav"]),
        cash=float(book["cash"]),
        positions={k: Decimal(str(v)) for k, v in sorted(book["positions"].items())},
        open_orders={k: Decimal(str(v)) for k, v in sorted(book["open_orders"].items())},
        symbols={row["symbol"]: SymbolState(**row) for row in memory["symbols"]},
        nav_index=_number(book["nav_index"]),
        tactical_mark=_number(book["tactical_mark"]),
        lifetime_mark=_number(book["lifetime_mark"]),
        nav_returns=tuple(float(v) for v in book["nav_returns"]),
        turnover_used=_number(book["turnover_used"]),
        contributed=_number(book["contributed_capital"]),
        protocol=ProtocolState(
            phase=memory["phase"],
            sessions=int(memory["sessions"]),
            tier=int(memory["tier"]),
            cvar_breaches=int(memory["cvar_breaches"]),
            resumed=bool(memory["resumed"]),
        ),
        regime=_regime_memory(memory["regime"]),
        liquidating=bool(memory["liquidating"]),
    )


def _regime_memory(stored: Mapping[str, Any] | None) -> RegimeMemory:
    """What decide.load_state remembers of the regime; nothing before the first cycle."""
    if stored is None:
        return regimes.initial()
    fit = stored["fit"]
    if fit is not None:
        fit = RegimeFit(
            **{
                **fit,
                "session": date.fromisoformat(fit["session"]),
                **{name: float(fit[name]) for name in ("mean", "scale", "log_likelihood")},
                **{name: tuple(float(v) for v in fit[name]) for name in ("start", "means", "variances")},
                "transition": tuple(tuple(float(v) for v in row) for row in fit["transition"]),
            }
        )
    return RegimeMemory(**{**stored, "fit": fit})


def _number(value: Any) -> float:
    """NaN for NULL: the stages refuse it (I17)."""
    return math.nan if value is None else float(value)


def with_orders(result: CycleResult, orders: tuple[PlacedOrder, ...], *, shadow: bool) -> tuple[Decision, ...]:
    """Decisions with their orders. One whose increase SQL refused says REJECT and by what: SQL has the last word."""
    by_symbol: dict[str, list[PlacedOrder]] = {}
    for order in orders:
        by_symbol.setdefault(order.symbol, []).append(order)
    unsent = {
        intent.symbol: {"side": intent.side, "quantity": str(intent.quantity), "leg": intent.leg}
        for intent in (result.intents if shadow else ())
    }
    decided = []
    for decision in result.decisions:
        placed = by_symbol.get(decision.symbol, [])
        metadata = dict(decision.metadata)
        changes: dict[str, Any] = {}
        if decision.symbol in unsent:
            metadata["shadow_intent"] = unsent[decision.symbol]
        if placed:
            metadata["orders"] = [o.client_order_id for o in placed]
        refused = [o for o in placed if o.state == "REJECTED"]
        if placed and len(refused) == len(placed):
            changes = {
                "final_decision": "REJECT",
                "reason_codes": tuple(f"SQL_{o.refused_by}" for o in refused) + decision.reason_codes,
                "position_size": float(metadata.get("held_weight", 0.0)),
            }
        decided.append(Decision(**{**decision.__dict__, "metadata": metadata, **changes}))
    return tuple(decided)


def decision_rows(as_of: datetime, decisions: tuple[Decision, ...]) -> list[dict[str, Any]]:
    """Rows of decide.decisions: the decisions with the cycle's as_of."""
    return [{**asdict(d), "timestamp": as_of.isoformat()} for d in decisions]


def intent_rows(result: CycleResult) -> list[dict[str, Any]]:
    """The basket for trade.place_orders."""
    return [{"symbol": i.symbol, "leg": i.leg, "side": i.side, "quantity": str(i.quantity)} for i in result.intents]


def check_rows(result: CycleResult) -> list[dict[str, Any]]:
    """Rows of decide.risk_checks, numbered in the order of evaluation."""
    return [{"check_number": number, **check.__dict__} for number, check in enumerate(result.risk_checks, start=1)]


def state_row(result: CycleResult) -> dict[str, Any] | None:
    """The risk state for decide.record_risk, its regime inside it; None for a run halted for its inputs."""
    return None if result.risk_state is None else asdict(result.risk_state)


def stored_risk(risk: RiskState, session: str, counted_from: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """What decide.record_risk makes of a risk state: its rows of decide.risk_states and decide.regime_states.

    counted_from: the session from which the phase was counted before the run; a phase that began counts from `session`.
    """
    row = asdict(risk)
    regime, sessions = row.pop("regime"), row.pop("sessions")
    began = session if sessions == 0 else counted_from
    memory = regime.pop("memory")
    return row | {"as_of_session": session, "phase_session": began}, regime | memory | {"as_of_session": session}


def memory_rows(result: CycleResult, panel: Panel) -> list[dict[str, Any]]:
    """Rows of decide.symbol_states: a count of sessions since a stop-out is stored as the session it counts from."""
    return [
        {
            "symbol": memory.symbol,
            "entry_stop": memory.entry_stop,
            "stale_view_sessions": memory.stale_view_sessions,
            "stopped_out_session": None
            if memory.sessions_since_stop is None
            else str(panel.sessions[-1 - memory.sessions_since_stop]),
        }
        for memory in result.symbol_states
    ]


def counts(decisions: tuple[Decision, ...]) -> dict[str, int]:
    """Decisions by outcome, in the outcomes' order."""
    found: dict[str, int] = {}
    for decision in decisions:
        found[decision.final_decision] = found.get(decision.final_decision, 0) + 1
    return dict(sorted(found.items()))


def summary(result: CycleResult, decisions: tuple[Decision, ...], orders: int) -> dict[str, Any]:
    """decide.cycle_runs.summary of a run that ends DONE."""
    return {**result.metadata, "decisions": counts(decisions), "orders": orders}
