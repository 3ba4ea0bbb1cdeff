"""Frames of bars through the real door: a source made of them, ingest.run, and dbt on what the database let in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from runner import db, ingest, universe
from runner.providers import Action, Payload, SymbolBars
from runner.providers.base import PRICE_COLUMNS
from tests.runner.features_world import build, rows

#: Real bars beside the checkout; no part of the repository.
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


class Frames:
    """A source whose answer is one frame per symbol: column session and some of PRICE_COLUMNS, and its actions."""

    group = "frames"
    description = "frames of a test"
    price_kind = "ohlcv"
    delay_minutes = 30

    def __init__(
        self,
        frames: Mapping[str, pd.DataFrame],
        actions: Mapping[str, Sequence[Action]] | None = None,
        name: str = "frames",
        priority: int = 500,
        price_basis: str = "raw",
    ) -> None:
        self.frames, self.actions = frames, actions
        self.name, self.priority, self.price_basis = name, priority, price_basis

    def symbols(self) -> tuple[str, ...]:
        return tuple(sorted(self.frames))

    def fetch(self, symbols: Sequence[str]) -> Iterator[Payload]:
        for symbol in symbols:
            frame = self.frames[symbol]
            actions = None if self.actions is None else tuple(self.actions.get(symbol, ()))
            columns = ["session", *(c for c in PRICE_COLUMNS if c in frame)]
            content = frame[columns].to_csv(index=False).encode()
            yield Payload(
                content, "text/csv", "200", {"symbol": symbol}, (SymbolBars(symbol, frame[columns], actions),)
            )


def read(name: str) -> pd.DataFrame:
    """A file of bars, `session` beside `date`; one of its symbols may be spelled like a NaN marker."""
    table = pd.read_csv(DATA / name, keep_default_na=False, na_values=[""])
    return table.assign(session=pd.to_datetime(table["date"]))


def by_symbol(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Symbol -> its rows in the file's order."""
    return {str(symbol): frame.reset_index(drop=True) for symbol, frame in table.groupby("symbol", sort=True)}


def take(folder: Path, now: str, *sources: Frames) -> ingest.Report:
    """Ingest everything the sources have, the simulated clock at `now` (an instant with its zone)."""
    names = sorted({symbol for source in sources for symbol in source.frames})
    lines = [f"{name},x,Energy,equity,XNYS,USD,ohlcv,raw,true,true,false,1990-01-02,," for name in names]
    path = folder / "universe.csv"
    path.write_text("\n".join([",".join(universe.COLUMNS), *lines]) + "\n", encoding="utf-8")
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        db.execute_text(
            connection,
            "clock",
            f"insert into ops.simulated_clocks (instant) values ('{now}')"
            " on conflict (singleton) do update set instant = excluded.instant",
        )
    with db.connect("fund_ingestor", autocommit=True) as connection:
        return ingest.run(connection, sources, universe_path=path)


def marts(*names: str, also: str = "") -> dict[str, pd.DataFrame]:
    """Relation of `mart` -> its rows, after building it, the models of `also`, and all they stand on."""
    build(full_refresh=True, select=" ".join(f"+{name}" for name in (*names, *also.split())))
    return {name: table(f"select * from mart.{name}") for name in names}


def table(statement: str) -> pd.DataFrame:
    """Rows of a query by the deployer."""
    found: list[dict[str, Any]] = rows(statement)
    return pd.DataFrame(found)
