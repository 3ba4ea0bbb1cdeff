"""Company facts of SEC EDGAR: one JSON document a company, every number of its XBRL filings since 2009.

https://www.sec.gov/search-filings/edgar-application-programming-interfaces: no key, a User-Agent that says who asks,
at most ten requests a second. A document holds every vintage, so one download is the whole past as it was told.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from runner import settings
from runner.errors import DataUnusable
from runner.providers import wire
from runner.providers.base import Answer, Exchange, Fault
from runner.providers.facts import FactsPayload, SymbolFacts, cell, filed_at
from runner.providers.wire import Conversation, Limits, Pace, Session
from runner.universe import SYMBOL

CIK_PATH = Path(__file__).resolve().parents[2] / "configs" / "cik.csv"

#: Tags of us-gaap by our column, the first that a filing states for a period.
FLOWS: dict[str, tuple[str, ...]] = {
    "eps_diluted": ("EarningsPerShareDiluted", "EarningsPerShareBasicAndDiluted"),
    "revenue": (
        "Revenues",
        "RevenueFromContractWithCustomerExcludingAssessedTax",
        "SalesRevenueNet",
        "RevenueFromContractWithCustomerIncludingAssessedTax",
    ),
    "net_income": ("NetIncomeLoss", "ProfitLoss"),
    "operating_cash_flow": (
        "NetCashProvidedByUsedInOperatingActivities",
        "NetCashProvidedByUsedInOperatingActivitiesContinuingOperations",
    ),
    "capital_expenditure": ("PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets"),
    "dividends_paid": ("PaymentsOfDividendsCommonStock", "PaymentsOfDividends"),
    "dividends_per_share": ("CommonStockDividendsPerShareDeclared", "CommonStockDividendsPerShareCashPaid"),
}
#: Balance-sheet figures; they stand in rows of no months, so that a later balance sheet meets the earlier one.
LEVELS: dict[str, tuple[str, ...]] = {
    "book_value": ("StockholdersEquity",),
    "total_assets": ("Assets",),
    "total_liabilities": ("Liabilities",),
    # The cover page's count (dei) is of its own date.
    "shares_outstanding": ("CommonStockSharesOutstanding", "EntityCommonStockSharesOutstanding"),
}
UNITS = ("USD", "USD/shares", "shares")
#: Days a period of so many months may have: fiscal calendars of 52 and 53 weeks have quarters of 12 to 16.
MONTHS = ((80, 120, 3), (160, 205, 6), (250, 295, 9), (345, 385, 12))


class Unreadable(ValueError):
    """An answer that is no company's facts."""


class Sec:
    """EDGAR, one payload a symbol. Ranks before every source that only repeats what was filed."""

    name = "sec"
    description = "SEC EDGAR company facts (XBRL), as filed"
    priority = 500
    price_basis = "raw"
    price_kind = "close"
    delay_minutes = 0
    requests_per_minute = 400

    def __init__(
        self,
        base_url: str = "https://data.sec.gov",
        cik_path: Path = CIK_PATH,
        limits: Limits | None = None,
    ) -> None:
        """base_url: a server that stands for EDGAR, in tests."""
        self.base_url = base_url.rstrip("/")
        self.cik_path = cik_path
        self.limits = limits or Limits(attempts=4)
        self._pace = Pace(self.requests_per_minute)

    def symbols(self) -> tuple[str, ...]:
        """Symbols of configs/cik.csv."""
        return tuple(sorted(self.ciks()))

    def ciks(self) -> dict[str, int]:
        """Symbol -> EDGAR's number of its company. Raises: DataUnusable naming the line that is none."""
        found: dict[str, int] = {}
        for number, line in enumerate(csv.reader(self.cik_path.read_text(encoding="utf-8").splitlines()), 1):
            if number == 1 and line == ["symbol", "cik"]:
                continue
            if len(line) != 2 or not SYMBOL.fullmatch(line[0]) or not line[1].isdecimal() or line[0] in found:
                raise DataUnusable(f"{self.cik_path} line {number} is not one symbol and its CIK", "Correct the line.")
            found[line[0]] = int(line[1])
        return found

    def fetch(self, symbols: Sequence[str]) -> Iterator[FactsPayload]:
        """One payload a symbol. Raises: DataUnusable without a User-Agent, where EDGAR refuses us or is not there."""
        agent = settings.load().sec_user_agent
        if agent is None or "@" not in agent:
            raise DataUnusable(
                "EDGAR answers only who says who they are",
                "Set SEC_USER_AGENT to a name and an address: SEC_USER_AGENT='Example Fund ops@example.com'.",
            )
        ciks = self.ciks()
        with Session(self.limits) as session:
            session.headers.update({"User-Agent": agent, "Accept-Encoding": "gzip"})
            for symbol in symbols:
                url = f"{self.base_url}/api/xbrl/companyfacts/CIK{ciks[symbol]:010d}.json"
                exchange = self._ask(session, url)
                fault = None if exchange.fault == "NOT_FOUND" else exchange.fault  # of one company, not of EDGAR
                if exchange.answers:
                    yield self._payload(exchange, symbol, fault)
                if fault:
                    raise _refusal(exchange, url)

    def _ask(self, session: Session, url: str) -> Exchange:
        def talk(conversation: Conversation) -> None:
            conversation.get("facts", lambda: session.get(url))

        return wire.ask(self.limits, self._pace, talk)

    def _payload(self, exchange: Exchange, symbol: str, fault: Fault | None) -> FactsPayload:
        """The last answer, as read or with what was wrong with it, and those of the attempts before."""
        *earlier, last = exchange.answers
        if fault is None:
            return replace(self.read(last, [symbol]), earlier=tuple(earlier))
        return FactsPayload(
            last.content,
            last.content_type,
            last.status,
            last.request,
            "fundamentals",
            (),
            {symbol: exchange.reason or fault},
            fault=fault,
            earlier=tuple(earlier),
        )

    def read(self, answer: Answer, symbols: Sequence[str]) -> FactsPayload:
        """What the answer says of the one symbol it is of, whose CIK its URL has; pure."""
        (symbol,) = symbols
        cik = int(str(answer.request["url"]).rpartition("CIK")[2].removesuffix(".json"))
        facts: tuple[SymbolFacts, ...] = ()
        unreadable: dict[str, str] = {}
        try:
            if answer.status == "404":
                raise Unreadable("EDGAR has no facts of this CIK")
            facts = (SymbolFacts(symbol, rows(parse(answer.content, cik))),)
        except Unreadable as error:
            unreadable[symbol] = str(error)
        return FactsPayload(
            answer.content, answer.content_type, answer.status, answer.request, "fundamentals", facts, unreadable
        )


def _refusal(exchange: Exchange, url: str) -> DataUnusable:
    """Why EDGAR is asked for nothing more, with the remedy."""
    if exchange.fault == "REFUSED":
        return DataUnusable(
            f"EDGAR refuses us ({exchange.answers[-1].status}) at {url}",
            "It names a User-Agent it does not like, or asked too often.",
        )
    return DataUnusable(f"EDGAR at {url}: {exchange.reason}", "Ask again later; what came before is in.")


def parse(content: bytes, cik: int) -> dict[str, dict[str, Any]]:
    """Tag -> its units, of us-gaap and dei. Raises: Unreadable where it is no document of this company."""
    try:
        document = json.loads(content)
        if int(document["cik"]) != cik:
            raise Unreadable(f"it is of CIK {document['cik']}, not {cik}")
        taxonomies = document["facts"]
        tags = {tag: fact["units"] for name in ("dei", "us-gaap") for tag, fact in taxonomies.get(name, {}).items()}
    except Unreadable:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(f"not a document of company facts: {type(error).__name__}") from None
    return tags


def rows(tags: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """One row per filing and period, by filing date, number and period; balance sheets apart from flows.

    A fact that lacks its filing or end goes on as it is: the database sets it aside with the reason.
    """
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for kinds, has_start in ((FLOWS, True), (LEVELS, False)):
        for column, names in kinds.items():
            for tag in names:
                for fact in _facts(tags.get(tag)):
                    months = _months(fact) if has_start else 0
                    if months is None:
                        continue
                    end, filing = cell(fact.get("end", "")), cell(fact.get("accn", ""))
                    row = found.setdefault((end, str(months), filing), _row(fact, end, months, filing))
                    value = fact.get("val")
                    if value is not None:
                        row.setdefault(column, cell(value))
    order = sorted(found, key=lambda key: (found[key].get("filed_at", ""), key[2], key[0], int(key[1])))
    return tuple(found[key] for key in order)


def _facts(units: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(units, dict):
        for unit in UNITS:
            listed = units.get(unit)
            yield from (fact for fact in listed if isinstance(fact, dict)) if isinstance(listed, list) else ()


def _months(fact: Mapping[str, Any]) -> int | None:
    """Months between start and end; None for a length that is none of ours."""
    try:
        days = (date.fromisoformat(fact["end"]) - date.fromisoformat(fact["start"])).days
    except (KeyError, TypeError, ValueError):
        return None
    return next((months for least, most, months in MONTHS if least <= days <= most), None)


def _row(fact: Mapping[str, Any], end: str, months: int, filing: str) -> dict[str, Any]:
    said = {
        "period_end": end,
        "period_months": str(months),
        "form": cell(fact.get("form") or ""),
        "accession": filing,
        "filed_at": filed_at(cell(fact.get("filed") or "")),
    }
    return {name: value for name, value in said.items() if value}
