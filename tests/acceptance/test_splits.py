"""Splits, spin-offs, changes of scale and falls on real raw bars: each told from the others, by the same questions.

The bars are AAPL's, IBM's and MSFT's of ../shared/data/bars_raw_unadjusted.csv.gz and all of bars_raw_2009_2010.csv.gz
with its five labelled events. The first go in as a source gets them right and without their actions; AAPL also without
an adjusted close, and adjusted already with its splits stated again.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from runner import settings
from runner.providers.actions import derive
from tests.bench.bench_features import pandas_features
from tests.conftest import SUMMARY
from tests.runner.features_world import build
from tests.runner.frames_world import DATA, Frames, by_symbol, marts, read, table, take

pytestmark = pytest.mark.skipif(not (DATA / "bars_raw_unadjusted.csv.gz").exists(), reason="needs ../shared/data")

SPLITS = {"AAPL": ("2000-06-21", "2005-02-28"), "MSFT": ("2003-02-18",), "IBM": ()}
NOW = "2013-03-02 12:00Z"
#: Label of the events file -> kind.
LABELS = {
    "split": "unadjusted_split",
    "spin_off": "spin_off",
    "price_scale_change": "scale_change",
    "genuine_move": "genuine_move",
}


@pytest.fixture(scope="module")
def jumps(fresh: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[pd.DataFrame]:
    """mart.price_jumps of everything, indexed by symbol and ISO date."""
    raw = by_symbol(read("bars_raw_unadjusted.csv.gz"))
    frames = {name: raw[name] for name in SPLITS}
    actions = {
        name: derive(f["session"].to_numpy(), f["close"].to_numpy(), f["adj_close"].to_numpy())
        for name, f in frames.items()
    }
    splits = [a for a in actions["AAPL"] if a.kind == "split"]
    bare = frames["AAPL"].drop(columns="adj_close")
    later = sum(np.where(bare["session"] < pd.Timestamp(s.ex_date), np.log(s.factor), 0.0) for s in splits)
    adjusted = bare.assign(**{c: bare[c] / np.exp(later) for c in ("open", "high", "low", "close")})
    recent = by_symbol(read("bars_raw_2009_2010.csv.gz"))
    folder = tmp_path_factory.mktemp("splits")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "DATABASE", fresh())  # type: ignore[operator]
        right = Frames(
            {f"{n}.A": f for n, f in frames.items()}, {f"{n}.A": a for n, a in actions.items()}, "right", 503
        )
        take(folder, NOW, right)
        build(select="+features.features", full_refresh=True)
        take(
            folder,
            NOW,
            Frames({f"{name}.U": frame for name, frame in frames.items()}, name="unadjusted"),
            Frames({"AAPL.N": bare}, name="bare", priority=501),
            Frames({"AAPL.D": adjusted}, {"AAPL.D": splits}, name="doubly", priority=502),
            Frames(recent, name="recent", priority=504),
        )
        found = marts("price_jumps", also="check_split_jump")["price_jumps"]
        yield found.assign(day=found["session"].astype(str)).set_index(["symbol", "day"])


def kinds(jumps: pd.DataFrame, symbol: str) -> dict[str, str]:
    return jumps.loc[symbol]["kind"].to_dict() if symbol in jumps.index.get_level_values(0) else {}


@pytest.mark.parametrize("symbol", ["AAPL.U", "MSFT.U", "IBM.U"])
def test_a_split_without_an_action_is_told_by_the_adjusted_close(jumps: pd.DataFrame, symbol: str) -> None:
    found = kinds(jumps, symbol)
    assert [day for day, kind in found.items() if kind == "unadjusted_split"] == list(SPLITS[symbol[:-2]])
    assert set(found.values()) <= {"unadjusted_split", "genuine_move"}


def test_a_fall_by_half_is_genuine(jumps: pd.DataFrame) -> None:
    assert [kinds(jumps, f"AAPL.{form}")["2000-09-29"] for form in "UNAD"] == ["genuine_move"] * 4


def test_without_an_adjusted_close_prices_and_volume_tell(jumps: pd.DataFrame) -> None:
    found = kinds(jumps, "AAPL.N")
    assert [day for day, kind in found.items() if kind == "unadjusted_split"] == list(SPLITS["AAPL"])


def test_a_split_applied_twice_is_seen_and_vetoes(jumps: pd.DataFrame) -> None:
    found = kinds(jumps, "AAPL.D")
    assert [day for day, kind in found.items() if kind == "doubly_adjusted"] == list(SPLITS["AAPL"])


def test_a_stated_split_is_no_finding(jumps: pd.DataFrame) -> None:
    for symbol, days in SPLITS.items():
        found = kinds(jumps, f"{symbol}.A")
        assert [day for day, kind in found.items() if kind == "stated_action"] == list(days)


def test_the_labelled_events_of_2009_2010(jumps: pd.DataFrame) -> None:
    events = pd.read_csv(DATA / "bars_raw_2009_2010_events.csv")
    labelled = {(e.symbol, e.date): LABELS[e.kind] for e in events.itertuples()}
    told = jumps[jumps["provider"] == "recent"]["kind"].to_dict()
    assert {event: told.get(event) for event in labelled} == labelled
    others = {event: kind for event, kind in told.items() if event not in labelled}
    assert set(others.values()) == {"genuine_move", "unexplained"}, "nothing else of 254 names is taken for an action"


def test_derived_adjusted_closes_are_the_references(jumps: pd.DataFrame) -> None:
    """Both up to the last session: the reference goes on to later actions, which no row here can know."""
    symbols = [f"{name}.A" for name in SPLITS]
    ours = table(
        "select symbol, session, close_adjusted, close_f9 from market.adjusted_prices"
        f"('{NOW}', clock_timestamp(), array{symbols})"
    )
    errors = []
    for name, frame in by_symbol(read("bars_raw_unadjusted.csv.gz")).items():
        if name in SPLITS:
            mine = ours[ours["symbol"] == f"{name}.A"]
            reference = frame["adj_close"].to_numpy()
            assert len(mine) == len(frame)
            for column in ("close_adjusted", "close_f9"):
                value = mine[column].to_numpy()
                errors.append(np.abs(value / value[-1] / (reference / reference[-1]) - 1))
    error = np.concatenate(errors)
    SUMMARY.append(f"adjusted closes: {(error <= 1e-6).sum():,} of {len(error):,} within 1e-6, worst {error.max():.1e}")
    assert (error <= 1e-6).all()


def test_indicators_show_no_jump_at_a_split(jumps: pd.DataFrame) -> None:
    """RSI, momentum and volatility have no unit: on our series they are what they are on the source's adjusted one."""
    ours = table(
        "select symbol, session, rsi_14, momentum_21, realized_vol_20 from features.features"
        " where symbol in ('AAPL.A', 'MSFT.A', 'IBM.A') order by symbol, session"
    )
    compared = 0
    for name, frame in by_symbol(read("bars_raw_unadjusted.csv.gz")).items():
        if name in SPLITS:
            lone = frame.assign(close=frame["adj_close"], factor=1.0, known_at=frame["session"])
            theirs = pandas_features(lone, pd.Series(1.0, index=frame["session"]))
            mine = ours[ours["symbol"] == f"{name}.A"].set_index("session")
            near = mine.index.isin([day.date() for split in SPLITS[name] for day in pd.bdate_range(split, periods=40)])
            for column in ("rsi_14", "momentum_21", "realized_vol_20"):
                pair = np.column_stack([mine[column], theirs[column]]).astype(float)
                np.testing.assert_allclose(pair[:, 0], pair[:, 1], rtol=1e-5, atol=1e-7)
                compared += int(np.isfinite(pair[near]).all(axis=1).sum())
    assert compared > 300


def test_quality_vetoes_what_is_not_explained(jumps: pd.DataFrame) -> None:
    """As of the last session the required history reaches back to 2008: DHR's split, ETFC's scale, STR's stub."""
    vetoed = table("select symbol from quality.check_split_jump where vetoed order by symbol")["symbol"].tolist()
    assert {"DHR", "STR"} <= set(vetoed)
    assert not {"AAPL.A", "MSFT.A", "IBM.A"} & set(vetoed)
