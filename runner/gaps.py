"""Gaps that heal: every session that is missing is asked for again, each time of the next source, until it is there.

What is missing is market.open_gaps. Sessions of a symbol that lie close together and were asked for equally often are
one request. Whose turn it is follows from how often that was; where a source fails, the router goes on to the next at
once. Nothing is closed here: a gap is gone when its bar is there, or when an operator declared it absent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from runner import db, router, settings
from runner.providers.base import RemoteProvider, Window
from runner.router import Outcome, Request

#: Gaps with at most so many sessions between them are asked for together: one request instead of several.
NEAR_SESSIONS = 10


@dataclass(frozen=True)
class Healed:
    """Missing sessions after they were asked for. attempts: every source in turn, with the fault that kept it from
    answering (None: it answered); missing: how many of the sessions still are.
    """

    symbol: str
    sessions: tuple[date, ...]
    attempts: tuple[tuple[str, str | None], ...]
    missing: int

    @property
    def reason(self) -> str | None:
        """Why sessions of it are still missing; None where none are."""
        if not self.missing:
            return None
        said = ", ".join(f"{provider}: {fault or 'has no bar'}" for provider, fault in self.attempts)
        return f"{self.missing} of {len(self.sessions)} still missing ({said or 'no source has its class and basis'})"


def turn(
    providers: Sequence[RemoteProvider], asset_class: str, basis: str, kind: str, attempts: int
) -> tuple[str, ...]:
    """Sources of `asset_class` whose bars could be elected (price basis and kind of the instrument), by priority,
    beginning with the one whose turn it is after so many attempts.
    """
    able = [
        p.name
        for p in sorted(providers, key=lambda p: p.priority)
        if asset_class in p.capabilities and (p.price_basis, p.price_kind) == (basis, kind)
    ]
    start = attempts % len(able) if able else 0
    return tuple(able[start:] + able[:start])


def heal(
    connection: db.Connection,
    providers: Sequence[RemoteProvider],
    symbols: Sequence[str] | None = None,
    on_done: Callable[[Healed], None] = lambda _: None,
) -> list[Healed]:
    """Ask again for everything that is missing (of `symbols`); `connection`: fund_ingestor's, in autocommit, with
    `providers` loaded (ingest.prepare). An attempt is recorded in the transaction that takes its answer in.

    Raises: FundError of a routine that refuses; a source that fails is in the result.
    """
    wanted: dict[Request, tuple[date, ...]] = {}
    for row in db.fetch_all(
        connection, "market.gap_windows", symbols=list(symbols) if symbols else None, near=NEAR_SESSIONS
    ):
        window = Window(row["sessions"][0], row["sessions"][-1])
        whom = turn(providers, row["asset_class"], row["price_basis"], row["price_kind"], row["attempts"])
        wanted[Request(row["symbol"], window, whom)] = tuple(row["sessions"])
    healed: list[Healed] = []

    def settled(outcome: Outcome) -> None:
        sessions = wanted[outcome.request]
        attempts: list[tuple[str, str | None]] = [(failure.provider, failure.fault) for failure in outcome.failures]
        if outcome.result is not None:
            attempts.append((outcome.result.provider, None))
        missing = len(sessions)
        for provider, fault in attempts:
            missing = db.fetch_value(
                connection,
                "market.record_attempts",
                symbol=outcome.request.symbol,
                provider=provider,
                sessions=list(sessions),
                fault=fault,
            )
        healed.append(Healed(outcome.request.symbol, sessions, tuple(attempts), missing))
        on_done(healed[-1])

    router.run(connection, list(wanted), "heal", providers, on_settled=settled)
    _alert([one for one in healed if one.missing], connection)
    return healed


def _alert(unhealed: list[Healed], connection: db.Connection) -> None:
    """One alert for all that every source asked left missing."""
    if unhealed:
        symbols = sorted({one.symbol for one in unhealed})
        count = sum(one.missing for one in unhealed)
        db.execute(
            connection,
            "notify.enqueue",
            level="MEDIUM",
            category="MARKET_DATA",
            code="GAPS_OPEN",
            message=f"{count} sessions of {len(symbols)} symbols are still missing: gaps list",
            symbol=None,
            account=None,
            detail=db.Jsonb({"symbols": symbols}),
            window_seconds=settings.load().alert_dedup_window,
        )
