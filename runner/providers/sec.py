"""Company facts of SEC EDGAR: one JSON document a company, every number of its XBRL filings since 2009.

https://www.sec.gov/search-filings/edgar-application-programming-interfaces: no key, a User-Agent that says who asks,
at most ten requests a second. A document holds every vintage, so one download is the whole past as it was told.
"""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import stamina

from runner import settings
from runner.errors import DataUnusable
from runner.providers.base import Answer
from runner.providers.facts import FactsPayload, SymbolFacts, cell, filed_at
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

BYTES_MAX = 64 * 2**20
SECONDS_MAX = 120.0
TIMEOUT = httpx.Timeout(20.0, connect=10.0)


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

    def __init__(
        self,
        base_url: str = "https://data.sec.gov",
        cik_path: Path = CIK_PATH,
        pause_seconds: float = 0.15,
        attempts: int = 4,
        wait_seconds: float = 1.0,
    ) -> None:
        """pause_seconds: between two companies. attempts, wait_seconds: back-off of one that answers 429 or 5xx."""
        self.base_url = base_url.rstrip("/")
        self.cik_path = cik_path
        self.pause_seconds = pause_seconds
        self.attempts = attempts
        self.wait_seconds = wait_seconds

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
        with httpx.Client(timeout=TIMEOUT, headers={"User-Agent": agent}, follow_redirects=False) as client:
            for place, symbol in enumerate(symbols):
                if place:
                    time.sleep(self.pause_seconds)
                url = f"{self.base_url}/api/xbrl/companyfacts/CIK{ciks[symbol]:010d}.json"
                status, content_type, content = self._get(client, url)
                yield self.read(Answer(content, content_type, str(status), {"url": url}), [symbol])

    def _get(self, client: httpx.Client, url: str) -> tuple[int, str, bytes]:
        """(status, media type, body). 429 and 5xx are asked again with back-off; 403 never is."""

        def again(error: Exception) -> bool:
            if isinstance(error, httpx.HTTPStatusError):
                return error.response.status_code == 429 or error.response.status_code >= 500
            return isinstance(error, httpx.TransportError)

        try:
            for attempt in stamina.retry_context(
                on=again, attempts=self.attempts, wait_initial=self.wait_seconds, wait_max=60.0, timeout=SECONDS_MAX
            ):
                with attempt:
                    return self._once(client, url)
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            if status == 403:
                raise DataUnusable(
                    f"EDGAR refuses us (403) at {url}", "It names a User-Agent it does not like, or asked too often."
                ) from None
            raise DataUnusable(
                f"EDGAR answered {status} at {url}", "Ask again later; what came before is in."
            ) from None
        except httpx.HTTPError as error:
            raise DataUnusable(f"EDGAR is not there: {type(error).__name__} at {url}", "Ask again later.") from None
        raise AssertionError("stamina returns or raises")

    @staticmethod
    def _once(client: httpx.Client, url: str) -> tuple[int, str, bytes]:
        deadline = time.monotonic() + SECONDS_MAX
        body = bytearray()
        with client.stream("GET", url) as response:
            if response.status_code not in (200, 404):
                response.raise_for_status()
            if response.is_redirect:
                raise httpx.RemoteProtocolError("a redirect")
            for chunk in response.iter_bytes():
                body += chunk
                if len(body) > BYTES_MAX:
                    raise DataUnusable(f"{url} has more than {BYTES_MAX:,} bytes", "That is no company's facts.")
                if time.monotonic() > deadline:
                    raise httpx.ReadTimeout("the whole answer took too long")
            return response.status_code, response.headers.get("content-type", ""), bytes(body)

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
