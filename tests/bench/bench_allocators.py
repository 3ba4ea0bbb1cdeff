"""Both allocators, and the overlays on and off, on the same 250 real sessions: what each makes of the same wishes.

    python -m tests.bench.bench_allocators [FIRST]
    python -m pytest tests/bench/bench_allocators.py --benchmarks -s

111 stocks and SPY, from FIRST (default 2012-01-03), the shipped configuration but for what a row names. Columns:

granted   share of the Kelly weights that stands in the book, on the same side
cosine    of the book with the Kelly weights: 1 is the same book but for its size
tracking  annual volatility of the book's return less that of the Kelly book brought to the same gross
name cap  share of bids that the name cap cut (D3, D4)
turnover  increases traded a session
gross, beta, largest sector: of the book at the close, means
volatility, drawdown: of NAV, realised
ms        of the stages, median

Survivors of 2017, total return: the rows can be compared with one another, not with a market.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from statistics import fmean, median
from typing import Any

import numpy as np

from runner.config import GoldenConfig
from tests.bench import real_world
from tests.bench.real_world import Day
from tests.runner.world import altered, config

SESSIONS = 250
FIRST = date(2012, 1, 3)
PROTECTED: dict[str, Any] = {"enabled": ("stop_loss",)}
#: What each row changes of the shipped configuration.
ROWS: dict[str, dict[str, dict[str, Any]]] = {
    "auction, no overlay": {"overlays": PROTECTED},
    "auction, sectors x 1.5": {"overlays": {"sector_balance_multiple": 1.5}},
    "auction": {},
    "auction, sectors x 3": {"overlays": {"sector_balance_multiple": 3.0}},
    "convex, no overlay": {"auction": {"allocator": "convex"}, "overlays": PROTECTED},
    "convex": {"auction": {"allocator": "convex"}},
}


@dataclass
class Record:
    """What was seen of one row, a number a session."""

    granted: list[float] = field(default_factory=list)
    cosine: list[float] = field(default_factory=list)
    name_cap: list[float] = field(default_factory=list)
    turnover: list[float] = field(default_factory=list)
    gross: list[float] = field(default_factory=list)
    beta: list[float] = field(default_factory=list)
    sector: list[float] = field(default_factory=list)
    index: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    books: list[tuple[dict[str, float], dict[str, float], dict[str, float]]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def see(self, day: Day, golden: GoldenConfig) -> None:
        """One session."""
        prices = {row.symbol: float(row.last_close or 0) for row in day.inputs.symbols}
        beta = {row.symbol: row.features.get("beta_252", np.nan) for row in day.inputs.symbols}
        book = {name: float(shares) * prices[name] / day.state.nav for name, shares in day.state.positions.items()}
        kelly = {one.symbol: one.metadata.get("kelly") or 0.0 for one in day.result.decisions}
        wished = sum(abs(weight) for weight in kelly.values())
        alike = sum(min(abs(w), abs(kelly[name])) for name, w in book.items() if w * kelly[name] > 0)
        sizes: dict[str, float] = {}
        for one in day.result.decisions:
            bucket = one.metadata["bucket"]
            sizes[bucket] = sizes.get(bucket, 0.0) + abs(book.get(one.symbol, 0.0))
        names = sorted(kelly)
        mine, theirs = (np.array([weights.get(name, 0.0) for name in names]) for weights in (book, kelly))
        norm = float(np.linalg.norm(mine) * np.linalg.norm(theirs))
        if book and wished:
            self.granted.append(alike / wished)
            self.cosine.append(float(mine @ theirs) / norm)
        self.name_cap.append(day.result.metadata["cap_binding_rate"])
        self.turnover.append(day.result.metadata["factors"]["turnover_used"])
        self.gross.append(day.gross)
        self.beta.append(abs(sum(w * beta[name] for name, w in book.items())))
        self.sector.append(max(sizes.values()))
        self.index.append(day.state.nav_index)
        self.seconds.append(day.seconds)
        self.books.append((book, kelly, prices))
        for check in day.result.risk_checks:
            if check.limit_name in ("name_concentration", "sector", "long", "short", "gross", "turnover"):
                over = check.observed is None or check.observed > check.threshold + 1e-9
                self.broken += [f"{day.session} {check.limit_name} {check.observed}"] if over else []

    def tracking(self) -> float:
        """Annual volatility of the book's return less the Kelly book's at the same gross."""
        gaps = []
        for (book, kelly, before), (_, _, after) in pairwise(self.books):
            wished, gross = sum(abs(w) for w in kelly.values()), sum(abs(w) for w in book.values())
            ratio = gross / wished if wished else 0.0
            moved = {name: after[name] / price - 1 for name, price in before.items() if name in after}
            gaps.append(sum((book.get(name, 0.0) - ratio * kelly[name]) * step for name, step in moved.items()))
        return float(np.std(gaps, ddof=1) * np.sqrt(252))

    def line(self) -> dict[str, str]:
        """The row as the table prints it."""
        index = np.array(self.index)
        return {
            "granted": f"{fmean(self.granted):.3f}",
            "cosine": f"{fmean(self.cosine):.3f}",
            "tracking": f"{self.tracking():.4f}",
            "name cap": f"{fmean(self.name_cap):.2f}",
            "turnover": f"{fmean(self.turnover):.4f}",
            "gross": f"{fmean(self.gross):.2f}",
            "beta": f"{fmean(self.beta):.2f}",
            "sector": f"{fmean(self.sector):.3f}",
            "volatility": f"{np.std(np.diff(index) / index[:-1], ddof=1) * np.sqrt(252):.3f}",
            "drawdown": f"{float(np.max(1 - index / np.maximum.accumulate(index))):.3f}",
            "index": f"{index[-1]:.3f}",
            "ms": f"{median(self.seconds) * 1000:.0f}",
        }


def run(name: str, first: date) -> Record:
    """One row's 250 sessions."""
    golden, record = altered(config(), **ROWS[name]), Record()
    world = real_world.market("2005")
    last = world.sessions[world.at(first) + SESSIONS - 1].astype(object)
    real_world.simulate(first, last, golden, on_session=lambda day: record.see(day, golden))
    return record


def table(first: date) -> dict[str, Record]:
    """Run and print every row."""
    records: dict[str, Record] = {}
    print(f"\n{SESSIONS} sessions from {first}")
    for name in ROWS:
        records[name] = run(name, first)
        cells = records[name].line()
        if len(records) == 1:
            print(f"{'':<24}" + "".join(f"{column:>11}" for column in cells))
        print(f"{name:<24}" + "".join(f"{cell:>11}" for cell in cells.values()), flush=True)
    return records


def test_bench_allocators() -> None:
    """Every row ran its sessions, traded, and no book of either allocator passed an exposure cap."""
    real_world.need("2005")
    for name, record in table(FIRST).items():
        assert len(record.index) == SESSIONS, name
        assert fmean(record.gross) > 0.2, name
        assert record.broken == [], name


if __name__ == "__main__":
    table(date.fromisoformat(sys.argv[1]) if len(sys.argv) > 1 else FIRST)
