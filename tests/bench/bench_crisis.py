"""The fund through 2008-2009 and 2020 on real bars, session by session: what it stood at, by month.

    python -m tests.bench.bench_crisis

Two funds a crisis. The golden one; and one laid bare, so that the recovery protocol is seen at work: its regimes
multiply by nothing and its drawdown limit is 1 %, for the golden book never falls as far as its own. Names may trade
from 500 sessions on, because the bars begin in 2005. What is asserted: the whole run ends DONE on every session, no
exposure limit is passed by what was decided, every freeze ends, and the fund bought again after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

import numpy as np

from runner.config import GoldenConfig
from tests.bench import real_world
from tests.bench.real_world import Day, Era
from tests.runner.world import altered, config

CRISES: tuple[tuple[Era, date, date], ...] = (
    ("2005", date(2008, 1, 2), date(2009, 12, 31)),
    ("2015", date(2020, 1, 2), date(2021, 1, 25)),
)
HISTORY = {"required_history_sessions": 500, "degraded_history_sessions": 252}
SLACK = 1e-9


def funds() -> dict[str, GoldenConfig]:
    """The golden fund and the one laid bare."""
    golden = altered(config(), data=HISTORY)
    ones = {f"multiplier_{name}": 1.0 for name in ("bull_volatile", "bear_quiet", "bear_crisis", "uncertain")}
    return {"golden": golden, "laid bare": altered(golden, regimes=ones, risk={"drawdown_limit": 0.01})}


@dataclass
class Path:
    """What a fund stood at, session by session."""

    config: GoldenConfig
    days: list[Day] = field(default_factory=list)

    def see(self, day: Day) -> None:
        """Keep a session, and hold what it decided against every limit."""
        risk, caps = day.result.risk_state, self.config.auction
        assert day.result.halt_layer is None, (day.session, day.result.metadata)
        assert risk is not None
        book = np.array([d.position_size for d in day.result.decisions])
        held = np.array([float(d.metadata["held_weight"]) for d in day.result.decisions])
        grown = np.abs(book) > np.abs(held) + SLACK
        assert risk.gross <= max(caps.gross_cap, float(np.abs(held).sum())) + SLACK, day.session
        assert not grown.any() or np.abs(book[grown]).max() <= caps.name_cap + SLACK, day.session
        for side, cap in ((book, caps.long_cap), (-book, caps.short_cap)):
            size = float(np.maximum(side, 0).sum())
            assert size <= cap + SLACK or not (grown & (side > 0)).any(), day.session
        if risk.state in ("REJECT", "FREEZE", "LIQUIDATE"):
            assert not grown.any(), (day.session, risk.state)
        if risk.state == "FREEZE":
            assert day.result.intents == (), day.session
        self.days.append(day)

    def spells(self) -> list[tuple[str, int]]:
        """Phases in order and how many sessions each lasted."""
        phases = groupby(day.result.risk_state.phase for day in self.days if day.result.risk_state)
        return [(phase, len(list(group))) for phase, group in phases]

    def table(self) -> list[str]:
        """A line a month: its last session's state, and the month's extremes."""
        lines = []
        for month, group in groupby(self.days, key=lambda day: day.session.strftime("%Y-%m")):
            days = list(group)
            risk = days[-1].result.risk_state
            assert risk is not None
            states = [d.result.risk_state for d in days if d.result.risk_state]
            counted = {name: sum(s.state == name for s in states) for name in ("FREEZE", "REJECT", "RECOVERY")}
            regime = max({s.regime.name for s in states}, key=[s.regime.name for s in states].count)
            fallen = [1 - d.state.nav_index / d.state.lifetime_mark for d in days]
            lines.append(
                f"{month} {risk.state:<8} {risk.phase:<8} {regime:<13}"
                f" {counted['FREEZE']:>6} {counted['REJECT']:>6} {counted['RECOVERY']:>6}"
                f" {min(s.factors['soft'] or 0 for s in states):>6.2f}"
                f" {min(s.factors['limit_scale'] or 0 for s in states):>6.2f}"
                f" {max(s.volatility or 0 for s in states):>6.2f} {max(s.var_95 or 0 for s in states):>7.4f}"
                f" {max(d.gross for d in days):>6.2f} {max(fallen):>8.4f} {days[-1].state.nav:>12,.0f}"
            )
        return lines


HEAD = (
    f"{'month':<7} {'state':<8} {'phase':<8} {'regime':<13} {'frozen':>6} {'reject':>6} {'ramp':>6}"
    f" {'soft':>6} {'limit':>6} {'vol':>6} {'VaR':>7} {'gross':>6} {'drawdown':>8} {'NAV':>12}"
)


def through(era: Era, first: date, last: date, golden: GoldenConfig, world: real_world.Market | None = None) -> Path:
    """A fund's path through a crisis of an era, or of a market that was made."""
    path = Path(golden)
    real_world.simulate(first, last, golden, world=world, era=era, on_session=path.see)
    return path


def main() -> None:
    """Print a table per crisis and fund."""
    for era, first, last in CRISES:
        for name, golden in funds().items():
            path = through(era, first, last, golden)
            print(f"\n{first} to {last}, {name} fund: {len(path.days)} sessions, month by month (worst of each)")
            print(HEAD)
            print("\n".join(path.table()))
            print("phases:", ", ".join(f"{phase} {sessions}" for phase, sessions in path.spells()))
            top = max(path.days, key=lambda day: day.gross)
            print(f"largest realised gross {top.gross:.4f} on {top.session}")


def test_the_fund_goes_through_each_crisis_and_is_not_dead_after_it() -> None:
    """Frozen and free again: the last phase is NORMAL or a ramp, and something is held at the end."""
    for era, first, last in CRISES:
        real_world.need(era)
        for name, golden in funds().items():
            path = through(era, first, last, golden)
            phases = [phase for phase, _ in path.spells()]
            end = path.days[-1].result.risk_state
            assert end is not None
            assert phases[-1] in ("NORMAL", "RECOVERY", "DRAWDOWN"), (name, path.spells())
            assert end.gross > 0.02, name
            if name == "laid bare":
                assert "FREEZE" in phases, path.spells()
                assert "NORMAL" in phases[phases.index("FREEZE") :], path.spells()
            assert max(day.gross for day in path.days) <= golden.auction.gross_cap * 1.05, name


if __name__ == "__main__":
    main()
