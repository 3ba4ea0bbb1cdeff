"""What-if: past cycles recomputed under another configuration, beside what was decided. Nothing is written.

Each cycle stands alone: it begins from the account it really had and asks what it would have decided that day. A
counterfactual day does not feed the next one, so a row says what a parameter does to a decision and not what a year of
such decisions would have earned. What SQL judged stays as it was: the gate's verdict on each symbol, and its answer to
an order that is the same as then; a new order is taken as placed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from runner import config as golden
from runner import records, replay
from runner.config import ConfigError, GoldenConfig
from runner.db import Connection
from runner.errors import UsageError
from runner.models import CycleResult

#: Sections the stages read; a parameter of another is SQL's, dbt's or an adapter's.
COMPUTED = (
    *("fund", "families", "strategies", "data", *golden.STRATEGIC, "auction", "overlays"),
    *("risk", "breakers", "regimes", "oms"),
)


@dataclass(frozen=True)
class Side:
    """One side of a session: what was decided, or what would have been. Fractions of NAV; None: halted, or unknown."""

    state: str
    gross: float | None
    net: float | None
    cvar: float | None
    turnover: float | None
    orders: int
    outcomes: Mapping[str, str]
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Session:
    """A cycle both ways. changed: symbols whose outcome or weight differs, in order."""

    cycle_id: str
    run: int
    account: str
    as_of_session: date
    was: Side
    would: Side

    @property
    def changed(self) -> tuple[str, ...]:
        """Symbols whose outcome or weight would have been another."""
        return tuple(
            symbol
            for symbol in sorted(self.was.outcomes)
            if self.was.outcomes[symbol] != self.would.outcomes.get(symbol)
            or self.was.weights[symbol] != self.would.weights.get(symbol)
        )


def parse(words: Sequence[str]) -> dict[str, str]:
    """{parameter: value} of words like risk.cvar_hard=0.05. Raises: UsageError."""
    wanted: dict[str, str] = {}
    for word in words:
        key, sign, value = word.partition("=")
        key, value = key.strip(), value.strip()
        if not sign or not value or "." not in key:
            raise UsageError(f"--what-if {word} is not section.key=value", "Write it like risk.cvar_hard=0.05.")
        if key in wanted:
            raise UsageError(f"--what-if names {key} twice", "Keep one of them.")
        wanted[key] = value
    return wanted


def changed_config(config: GoldenConfig, wanted: Mapping[str, str]) -> GoldenConfig:
    """`config` with the wanted values, checked as the golden configuration is. Raises: UsageError."""
    try:
        return golden.with_values(config, wanted)
    except ConfigError as error:
        raise UsageError(f"--what-if: {error.message}", error.remedy) from None


def unread(wanted: Mapping[str, str]) -> list[str]:
    """Parameters no stage reads: changing one cannot change a row here."""
    return sorted(path for path in wanted if path.split(".")[0] not in COMPUTED)


def session(connection: Connection, run: replay.Run, wanted: Mapping[str, str]) -> Session:
    """One cycle as it was and as it would have been. Raises: UsageError, CannotReplay.

    A run its gate refused stays refused: what the gate saw is no parameter.
    """
    with connection.transaction():
        material = replay.load(connection, run, ())
    was = _stored(material)
    if material.panel is None:
        changed_config(material.config, wanted)
        return Session(run.cycle_id, run.run, run.account, run.as_of_session, was, was)
    # Over the limits in force, so that a looser number than the file's can be asked for as well.
    in_force = golden.with_limits(material.config, material.limits)
    result = replay.compute(material, changed_config(in_force, wanted))
    return Session(run.cycle_id, run.run, run.account, run.as_of_session, was, _computed(material, result))


def _stored(material: replay.Material) -> Side:
    state = next(iter(material.rows.get("risk_states", [])), {})
    decisions = material.rows["decisions"]
    return Side(
        state=material.run.state,
        gross=_float(state.get("gross")),
        net=_float(state.get("net")),
        cvar=_float(state.get("cvar_post_trade")),
        turnover=_float(state.get("factors", {}).get("turnover_used")),
        orders=sum(1 for order in material.placed if order.state != "REJECTED"),
        outcomes={row["symbol"]: row["final_decision"] for row in decisions},
        weights={row["symbol"]: float(row["position_size"]) for row in decisions},
    )


def _computed(material: replay.Material, result: CycleResult) -> Side:
    intents = {(i.symbol, i.leg, i.side, i.quantity) for i in result.intents}
    answered = tuple(o for o in material.placed if (o.symbol, o.leg, o.side, o.quantity) in intents)
    decisions = records.with_orders(result, answered, shadow=material.run.mode == "shadow")
    refused = sum(1 for order in answered if order.state == "REJECTED")
    state = result.risk_state
    return Side(
        state="DONE" if result.halt_layer is None else "HALTED",
        gross=None if state is None else state.gross,
        net=None if state is None else state.net,
        cvar=None if state is None else state.cvar_post_trade,
        turnover=None if state is None else state.factors["turnover_used"],
        orders=len(result.intents) - refused,
        outcomes={d.symbol: d.final_decision for d in decisions},
        weights={d.symbol: d.position_size for d in decisions},
    )


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


# --- the plot ---------------------------------------------------------------------------------------------------------

#: Panels of the plot: title, unit, and the figure of a side.
_PANELS: tuple[tuple[str, str, Callable[[Side], float | None]], ...] = (
    ("gross", "fraction of NAV", lambda side: side.gross),
    ("CVaR 95 % after trading", "fraction of NAV", lambda side: side.cvar),
    ("turnover", "fraction of NAV", lambda side: side.turnover),
    ("orders", "count", lambda side: side.orders),
)


def check_plot(path: Path) -> None:
    """Raises: UsageError where a plot could not be written there; asked before the work is done."""
    if path.suffix not in (".html", ".png"):
        raise UsageError(f"--plot {path} is neither .html nor .png", "Give a file name with one of them.")
    if not path.resolve().parent.is_dir():
        raise UsageError(f"--plot {path}: its folder is not there", "Make it first.")
    needed = ("plotly",) if path.suffix == ".html" else ("plotly", "kaleido")
    for library in needed:
        if find_spec(library) is None:
            raise UsageError(f"--plot {path} needs {library}", f"`pip install {library}`, or give an .html file.")


def plot(path: Path, sessions: Sequence[Session], wanted: Mapping[str, str]) -> None:
    """Both sides over the sessions, one panel per figure and one of decisions changed; an .html needs no network."""
    from plotly import graph_objects, subplots

    titles = [title for title, _, _ in _PANELS] + ["decisions changed"]
    figure = subplots.make_subplots(
        rows=len(titles), cols=1, shared_xaxes=True, subplot_titles=titles, vertical_spacing=0.05
    )
    days = [found.as_of_session for found in sessions]
    for row, (_, unit, of) in enumerate(_PANELS, start=1):
        for name, colour, dash, sides in (
            ("was decided", "#4c566a", "solid", [found.was for found in sessions]),
            ("what if", "#d08770", "dot", [found.would for found in sessions]),
        ):
            line = graph_objects.Scatter(
                x=days,
                y=[of(side) for side in sides],
                name=name,
                legendgroup=name,
                showlegend=row == 1,
                mode="lines+markers" if len(days) < 40 else "lines",
                line={"color": colour, "dash": dash},
            )
            figure.add_trace(line, row=row, col=1)
        figure.update_yaxes(title_text=unit, rangemode="tozero", row=row, col=1)
    changed = [len(found.changed) for found in sessions]
    bars = graph_objects.Bar(x=days, y=changed, marker_color="#d08770", showlegend=False)
    figure.add_trace(bars, row=len(titles), col=1)
    title = "what if " + ", ".join(f"{key} = {value}" for key, value in wanted.items())
    figure.update_layout(title=f"{title}: each cycle from the account it had", height=1100, template="plotly_white")
    if path.suffix == ".html":
        figure.write_html(path, include_plotlyjs=True)
    else:
        figure.write_image(path, width=1200, height=1100)
