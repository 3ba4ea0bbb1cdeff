"""Random cycles through phases 2 to 5: whatever the market, the book, the limits and the state, these hold.

Cycles are seeded and made to be awkward: names that may not trade, without a sector, a history or features, unshortable
ones, positions above the caps, short and long, remembered stops, every phase of the protocol, limits that bind, regimes
from calm to crisis, accounts from ten thousand dollars. `stages` makes the decisions, so what is proved is what trades.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from runner import phases
from runner.config import GoldenConfig
from runner.models import AccountState, CycleInputs, CycleResult, Floats, Panel, ProtocolState, Regime, SymbolState
from runner.portfolio import overlays
from runner.stages import stages
from tests.runner.world import account, altered, config, market, remembered, with_row

SEED, COUNT = 20081015, 120
NAMES = 14
GOLDEN = config()
MARKETS = [market(NAMES, seed=seed, sectors=5, scale=scale) for seed, scale in ((1, 0.01), (2, 0.02), (3, 0.005))]
#: Features in units of price: they are scaled where the price is.
IN_PRICES = ("close_adj", "macd_hist", "macd_hist_sd_126", "bb_middle_20", "sd_20")
#: What a symbol's row may be changed to, one of these at a time.
ODD_ROWS: tuple[dict[str, Any], ...] = (
    {"governance_state": "QUARANTINED", "governance_reasons": ("X",)}, {"in_universe": False}, {"shortable": False},
    {"features": {}}, {"data_quality_score": 0.3}, {"sector": ""}, {"valid_sessions": 100},
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What a cycle is given. mute: symbols without a history."""

    panel: Panel
    inputs: CycleInputs
    state: AccountState
    golden: GoldenConfig
    regime: Regime
    mute: frozenset[str]

    def run(self, monkeypatch: pytest.MonkeyPatch) -> CycleResult:
        """The cycle in its regime: a fit takes a second, and what it finds is not what is proved here."""
        monkeypatch.setattr(phases.regimes, "advance", lambda *_: self.regime)
        return stages(self.panel, self.inputs, self.state, self.golden)


def case(seed: int) -> Case:
    generator = np.random.default_rng((SEED, seed))
    panel, inputs = MARKETS[generator.integers(len(MARKETS))]
    closes, mute = panel.closes.copy(), set()
    for i, symbol in enumerate(panel.symbols):
        kind = generator.random()
        if kind < 0.25:
            inputs = with_row(inputs, symbol, **ODD_ROWS[generator.integers(len(ODD_ROWS))])
        elif kind < 0.32:
            closes[: len(closes) - (0 if kind < 0.28 else 100), i] = np.nan
            mute.add(symbol)
    if generator.random() < 0.5:
        fund = panel.symbols[generator.integers(NAMES)]
        inputs = replace(with_row(inputs, fund, asset_class="etf", sector="Index"), benchmark=fund)
    nav = float(10 ** generator.uniform(4, 6.5))
    positions, memory = {}, {}
    for row in inputs.symbols:
        weight = generator.choice(
            [0.0, generator.uniform(-0.1, 0.1), 0.1, generator.uniform(-0.3, 0.3)], p=[0.5, 0.35, 0.05, 0.1]
        )
        held = Decimal(str(round(weight * nav / row.last_close, 4)))
        held = held if held > 0 else held.to_integral_value()
        if held:
            positions[row.symbol] = held
        if generator.random() < 0.2:
            stop = row.last_close * generator.uniform(0.8, 1.2) if generator.random() < 0.5 else None
            memory[row.symbol] = SymbolState(row.symbol, stop, int(generator.integers(7)), None)
    phase = str(generator.choice(["NORMAL", "DRAWDOWN", "FREEZE", "RECOVERY"], p=[0.7, 0.1, 0.05, 0.15]))
    tier = int(generator.integers(1, 5)) if phase == "RECOVERY" else 0
    state = account(
        nav=nav,
        positions=positions,
        symbols=memory,
        nav_index=float(generator.choice([1.0, 0.999, 0.95, 0.81], p=[0.5, 0.2, 0.2, 0.1])),
        turnover_used=float(generator.choice([0.0, generator.uniform(0, 0.25)])),
        protocol=ProtocolState(phase, int(generator.integers(10)), tier, 0, False),  # type: ignore[arg-type]
        liquidating=bool(generator.random() < 0.03),
    )
    limits = {"cvar_decision": float(generator.choice([0.05, generator.uniform(0.005, 0.03)]))}
    limits |= {"var_limit": float(generator.uniform(0.005, 0.05)), "stress_limit": float(generator.uniform(0.03, 0.3))}
    gamma = float(generator.choice([0.3, 0.05, 0.02]))
    regime = str(generator.choice(["BULL_QUIET", "BULL_VOLATILE", "BEAR_CRISIS"], p=[0.7, 0.2, 0.1]))
    return Case(
        replace(panel, closes=closes),
        inputs,
        state,
        altered(GOLDEN, risk=limits, meta_brain={"kelly_gamma": gamma}),
        Regime(regime, "hmm", 0.1, 0.1, "", False, remembered()),  # type: ignore[arg-type]
        frozenset(mute),
    )


@pytest.fixture(scope="module")
def done() -> Iterator[list[tuple[Case, CycleResult]]]:
    with pytest.MonkeyPatch.context() as patch:
        yield [(one, one.run(patch)) for one in map(case, range(COUNT))]


def book_of(result: CycleResult) -> tuple[Floats, Floats, Floats]:
    """Weights held, after the orders, and by how much each grew; a flip closes first, so none changes its side."""
    held = np.array([one.metadata["held_weight"] for one in result.decisions])
    book = np.array([one.position_size for one in result.decisions])
    assert (held * book >= 0).all()
    return held, book, np.maximum(np.abs(book) - np.abs(held), 0.0)


def test_the_cycles_are_awkward(done: list[tuple[Case, CycleResult]]) -> None:
    states = {result.risk_state.state for _, result in done if result.risk_state}
    assert states >= {"ALLOW", "SCALE", "REJECT", "FREEZE", "LIQUIDATE", "RECOVERY"}
    rules = {one.metadata.get("scale_rule") for _, result in done for one in result.decisions}
    assert rules >= {"SCALED", "REDUCE_ONLY", "BELOW_BAND", "FROZEN", "HELD_STILL"}


def test_every_symbol_has_one_decision_with_a_reason_that_says_what_is_ordered(
    done: list[tuple[Case, CycleResult]],
) -> None:
    for one, result in done:
        assert [d.symbol for d in result.decisions] == [row.symbol for row in one.inputs.symbols]
        assert json.dumps(asdict(result), default=str, allow_nan=False)
        sides = {intent.symbol: f"EXECUTE_{intent.side}" for intent in result.intents}
        assert len(sides) == len(result.intents)
        for each in result.decisions:
            assert each.reason_codes
            assert each.final_decision in ((sides[each.symbol],) if each.symbol in sides else ("HOLD", "REJECT"))


def test_no_limit_is_passed_by_what_is_added(done: list[tuple[Case, CycleResult]]) -> None:
    for one, result in done:
        _, book, grown = book_of(result)
        caps, sizes = one.golden.auction, np.abs(book)
        assert grown.sum() <= max(caps.turnover_cap - one.state.turnover_used, 0.0) + 1e-9
        assert sizes[grown > 0].max(initial=0.0) <= caps.name_cap + 1e-9
        buckets = np.array([d.metadata["bucket"] for d in result.decisions])
        bounds = [(book > 0, caps.long_cap), (book < 0, caps.short_cap), (sizes > 0, caps.gross_cap)]
        bounds += [(buckets == bucket, caps.sector_cap) for bucket in np.unique(buckets)]
        for mask, cap in bounds:
            assert not grown[mask].any() or sizes[mask].sum() <= cap + 1e-6
        for intent in result.intents:
            row = next(row for row in one.inputs.symbols if row.symbol == intent.symbol)
            held = one.state.positions.get(intent.symbol, Decimal(0))
            if intent.leg == "entry":
                assert intent.symbol not in one.mute
                assert intent.side == "BUY" or row.shortable
                # A change of a held name is of the band at least, less what a share or its ten-thousandth rounds off.
                share = row.last_close * (1e-4 if held > 0 else 1.0)
                assert held == 0 or intent.value >= caps.min_change * one.state.nav - share - 1e-6
            else:
                assert intent.quantity <= abs(held)


def test_a_state_that_stops_increases_adds_nothing(done: list[tuple[Case, CycleResult]]) -> None:
    for _, result in done:
        state = result.risk_state.state if result.risk_state else "KILL"
        if state in ("REJECT", "FREEZE", "LIQUIDATE", "KILL"):
            assert not book_of(result)[2].any()
        if state in ("FREEZE", "LIQUIDATE", "KILL"):
            assert result.intents == ()


def test_what_is_recorded_is_what_was_done(done: list[tuple[Case, CycleResult]]) -> None:
    for _, result in done:
        held, book, grown = book_of(result)
        if result.risk_state is None or result.halt_layer:
            continue
        state = result.risk_state
        assert (state.gross, state.net) == (pytest.approx(np.abs(book).sum()), pytest.approx(book.sum()))
        assert state.factors["turnover_used"] >= grown.sum() - 1e-9
        refused = {
            row.symbol for row in result.risk_checks if (row.limit_name, row.action) == ("cvar_decision", "REJECT")
        }
        assert not refused & {intent.symbol for intent in result.intents if intent.leg == "entry"}
        for each, weight in zip(result.decisions, held, strict=True):
            meta = each.metadata
            if "scale_rule" not in meta:
                continue
            scaled = meta["after_cvar"] * meta["limit_factor"] * meta["soft_factor"]
            least = float(overlays.reduce_only(np.array([weight]), np.array([scaled]))[0])
            made = {"SCALED": scaled, "REDUCE_ONLY": least}.get(meta["scale_rule"], weight)
            assert meta["target"] == pytest.approx(made, abs=1e-12)


def test_a_multiple_of_prices_and_nav_changes_no_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(0, COUNT, 4):
        one = case(seed)
        rows = tuple(
            replace(
                row,
                last_close=row.last_close * 4,
                features={name: value * (4 if name in IN_PRICES else 1) for name, value in row.features.items()},
            )
            for row in one.inputs.symbols
        )
        stops = {
            symbol: replace(memory, entry_stop=memory.entry_stop and memory.entry_stop * 4)
            for symbol, memory in one.state.symbols.items()
        }
        money = {name: getattr(one.state, name) * 4 for name in ("nav", "cash", "contributed")}
        other = replace(
            one,
            panel=replace(one.panel, closes=one.panel.closes * 4),
            inputs=replace(one.inputs, symbols=rows),
            state=replace(one.state, symbols=stops, **money),
            golden=altered(
                one.golden, auction={"min_notional": 4.0}, oms={"order_value": one.golden.oms.order_value * 4}
            ),
        )
        for plain, scaled in zip(one.run(monkeypatch).decisions, other.run(monkeypatch).decisions, strict=True):
            assert (plain.final_decision, plain.reason_codes) == (scaled.final_decision, scaled.reason_codes), seed
            share = plain.metadata["last_close"] / one.state.nav
            assert plain.position_size == pytest.approx(scaled.position_size, abs=1.01 * share), seed


def test_other_names_for_the_symbols_change_no_decision(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(1, COUNT, 4):
        one = case(seed)
        places = np.random.default_rng((SEED, seed, 1)).permutation(NAMES)
        names = {one.panel.symbols[old]: one.panel.symbols[new] for new, old in enumerate(places)}
        rows = tuple(replace(one.inputs.symbols[old], symbol=one.panel.symbols[new]) for new, old in enumerate(places))
        benchmark = one.inputs.benchmark and names[one.inputs.benchmark]
        other = replace(
            one,
            panel=replace(one.panel, closes=one.panel.closes[:, places]),
            inputs=replace(one.inputs, benchmark=benchmark, symbols=rows),
            state=replace(
                one.state,
                positions={names[symbol]: held for symbol, held in one.state.positions.items()},
                symbols={names[old]: replace(memory, symbol=names[old]) for old, memory in one.state.symbols.items()},
            ),
        )
        renamed = {each.symbol: each for each in other.run(monkeypatch).decisions}
        for plain in one.run(monkeypatch).decisions:
            moved = renamed[names[plain.symbol]]
            assert (plain.final_decision, plain.reason_codes) == (moved.final_decision, moved.reason_codes), seed
            assert plain.position_size == pytest.approx(moved.position_size, abs=1e-6), seed
