"""The router: by capability, judged as a whole, failed over with a reason, refused where it asks too much."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from runner import db, ingest, router
from runner.errors import UsageError
from runner.providers.base import Window
from runner.router import Outcome, Request
from runner.universe import COLUMNS
from tests.runner.remote_world import Refusal, Remote, Said, bars

ROOT = Path(__file__).resolve().parents[2]

#: Sessions of XNYS around the clock, which stands at noon UTC of the 21st; the 18th is a holiday.
DAYS = ["2013-02-12", "2013-02-13", "2013-02-14", "2013-02-15", "2013-02-19", "2013-02-20"]
WINDOW = Window(date(2013, 2, 12), date(2013, 2, 20))


def query(text: str) -> list[dict[str, Any]]:
    """Rows of a statement run by the deployer."""
    with db.connect(db.DEPLOYER, autocommit=True) as connection:
        return db.fetch_text(connection, "test", text)


@pytest.fixture
def universe_file(tmp_path: Path) -> Path:
    """Equities AAA to DDD."""
    path = tmp_path / "universe.csv"
    names = [f"{symbol},Test,Energy,equity,XNYS,USD,ohlcv,raw,true,true,false,2013-01-02,," for symbol in SYMBOLS]
    path.write_text("\n".join([",".join(COLUMNS), *names]) + "\n", encoding="utf-8")
    return path


SYMBOLS = ("AAA", "BBB", "CCC", "DDD")


@pytest.fixture
def ingestor(database: str) -> Iterator[db.Connection]:
    """A connection of fund_ingestor on a database whose clock stands at 2013-02-21 12:00 UTC."""
    query("select ops.advance_clock('2013-02-21 12:00Z')")
    with db.connect("fund_ingestor", autocommit=True) as connection:
        yield connection


def ask(
    connection: db.Connection, path: Path, *remotes: Remote, symbols: tuple[str, ...] = ("AAA",), **options: Any
) -> list[Outcome]:
    ingest.prepare(connection, remotes, path)
    window = options.pop("window", WINDOW)
    purpose = options.pop("purpose", "ingest")
    return router.run(connection, [Request(symbol, window) for symbol in symbols], purpose, remotes, **options)


def good(_symbol: str, _window: Window) -> list[dict[str, object]]:
    return bars(DAYS)


def refusing(*arguments: Any) -> Said:
    return lambda _symbol, _window: Refusal(*arguments)


def test_a_good_answer_leads_from_bar_to_bytes(ingestor: db.Connection, universe_file: Path) -> None:
    (outcome,) = ask(ingestor, universe_file, Remote("one", 1, good))
    assert outcome.result is not None and outcome.result.rows_added == 6 and outcome.failures == ()
    rows = query(
        "select b.session::text, f.purpose, f.outcome, f.first_session::text, r.part, r.status,"
        " r.request ->> 'symbol' as of"
        " from market.provider_bars as b join market.ingest_batches using (batch_id)"
        " join market.fetches as f using (fetch_id) join market.fetch_responses as r using (fetch_id)"
        " where b.session = '2013-02-12' order by r.part"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("2013-02-12", "ingest", "OK", "2013-02-12", part, "200", "AAA") for part in (1, 2)
    ]


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (refusing("UNREADABLE", "HTML with 200", "200"), "UNREADABLE"),
        (refusing("NOT_FOUND", "no such symbol", "404"), "NOT_FOUND"),
        (refusing("UNAVAILABLE", "no connection"), "UNAVAILABLE"),
        (lambda _s, _w: [], "EMPTY"),
        (lambda _s, _w: bars([*DAYS, "2013-02-11"]), "OUTSIDE_WINDOW"),
        (lambda _s, _w: [row | {"close": -1.0} for row in bars(DAYS)], "NOTHING_USABLE"),
        (lambda _s, _w: [row | {"split": -2.0} for row in bars(DAYS)], "IMPOSSIBLE_ACTIONS"),
    ],
)
def test_f8_an_answer_that_fails_is_a_row_and_the_next_source_is_asked(
    ingestor: db.Connection, universe_file: Path, said: Said, fault: str
) -> None:
    (outcome,) = ask(ingestor, universe_file, Remote("two", 2, good), Remote("one", 1, said))
    assert outcome.result is not None and outcome.result.provider == "two"
    rows = query(
        "select provider, outcome, fault, next_provider, reason is not null as told from market.fetches order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("one", "FAILED", fault, "two", True),
        ("two", "OK", None, None, False),
    ]
    assert query("select distinct provider from market.provider_bars") == [{"provider": "two"}]
    assert query("select count(*) as n from market.bar_landing") == [{"n": 0}]


def test_403_is_one_request_however_many_symbols_wait(ingestor: db.Connection, universe_file: Path) -> None:
    first, second = Remote("one", 1, refusing("REFUSED", "no entitlement", "403")), Remote("two", 2, good)
    outcomes = ask(ingestor, universe_file, first, second, symbols=SYMBOLS)
    assert sum(first.asked.values()) == 1 and second.asked == dict.fromkeys(SYMBOLS, 1)
    assert all(outcome.failures[0].fault == "REFUSED" for outcome in outcomes)
    assert query("select count(*) as n from market.fetches where outcome = 'FAILED'") == [{"n": 1}]


def test_400_is_of_the_symbol_not_of_the_source(ingestor: db.Connection, universe_file: Path) -> None:
    first = Remote("one", 1, lambda s, w: Refusal("REFUSED", "what?", "400") if s == "AAA" else good(s, w))
    outcomes = ask(ingestor, universe_file, first, symbols=SYMBOLS)
    assert first.asked == dict.fromkeys(SYMBOLS, 1)
    assert {outcome.request.symbol for outcome in outcomes if outcome.result is None} == {"AAA"}


def test_a_source_without_key_is_one_row_a_run(ingestor: db.Connection, universe_file: Path) -> None:
    ask(
        ingestor, universe_file, Remote("one", 1, refusing("NO_KEY", "no key")), Remote("two", 2, good), symbols=SYMBOLS
    )
    assert query("select symbol, fault, next_provider from market.fetches where outcome = 'FAILED'") == [
        {"symbol": None, "fault": "NO_KEY", "next_provider": "two"}
    ]


def test_a_source_that_is_not_there_is_left_alone_for_the_run(ingestor: db.Connection, universe_file: Path) -> None:
    gone = Remote("one", 1, refusing("UNAVAILABLE", "no connection"))
    outcomes = ask(ingestor, universe_file, gone, symbols=SYMBOLS)
    assert sum(gone.asked.values()) == router.MISSES_MAX
    assert len(outcomes) == len(SYMBOLS) and all(o.result is None and o.passing for o in outcomes)


def test_a_history_too_short_is_a_skip_with_its_reason(ingestor: db.Connection, universe_file: Path) -> None:
    short, other = Remote("one", 1, good, {"equity": 8}), Remote("two", 2, good, {"crypto": 5000})
    (outcome,) = ask(ingestor, universe_file, short, other)
    assert not short.asked and not other.asked
    assert outcome.result is None and outcome.reason == "one: has 8 days of history at most"
    assert [f.fault for f in outcome.failures] == ["HISTORY_TOO_SHORT"]
    (again,) = ask(ingestor, universe_file, Remote("one", 1, good, {"equity": 9}))
    assert again.result is not None, "the first session is nine days ago"


def test_f7_the_live_loop_asks_for_five_sessions_and_no_more(ingestor: db.Connection, universe_file: Path) -> None:
    remote = Remote("one", 1, lambda _s, w: bars([day for day in DAYS if day >= str(w.first)]))
    with pytest.raises(UsageError, match="five sessions") as refused:
        ask(ingestor, universe_file, remote, purpose="live")
    assert refused.value.code == "MQ520" and not remote.asked
    assert query("select count(*) as n from market.fetches") == [{"n": 0}]
    five = Window(date(2013, 2, 13), date(2013, 2, 21))
    (outcome,) = ask(ingestor, universe_file, remote, purpose="live", window=five)
    assert outcome.result is not None and outcome.result.rows_added == 5


def test_f7_a_live_run_that_crosses_midnight_goes_on_with_the_new_days_window(
    ingestor: db.Connection, universe_file: Path
) -> None:
    """What was asked before midnight is taken in after it; what still waits is asked for as of the new day."""

    def said(_symbol: str, window: Window) -> list[dict[str, object]]:
        query("select ops.advance_clock('2013-02-22 05:01Z')")  # a minute past midnight in New York
        return bars([day for day in [*DAYS, "2013-02-21"] if day >= str(window.first)])

    remote = Remote("one", 1, said, connections=1)
    query("select ops.advance_clock('2013-02-22 04:59Z')")
    ingest.prepare(ingestor, [remote], universe_file)
    requests = router.live_requests(ingestor, ["AAA", "BBB"])
    assert {request.window.first for request in requests} == {date(2013, 2, 13)}
    outcomes = router.run(ingestor, requests, "live", [remote])
    assert [outcome.result is not None and outcome.result.usable for outcome in outcomes] == [True, True]
    asked = query(
        "select symbol, first_session::text, last_session::text, outcome from market.fetches order by fetch_id"
    )
    assert [tuple(row.values()) for row in asked] == [
        ("AAA", "2013-02-13", "2013-02-21", "OK"),
        ("BBB", "2013-02-14", "2013-02-22", "OK"),
    ]


def test_an_entitlement_that_fails_nowhere_else_is_the_order_given(
    ingestor: db.Connection, universe_file: Path
) -> None:
    first, second = Remote("one", 1, good), Remote("two", 2, good)
    ingest.prepare(ingestor, [first, second], universe_file)
    requests = [Request("AAA", WINDOW, ("two", "one"))]
    (outcome,) = router.run(ingestor, requests, "heal", [first, second])
    assert outcome.result is not None and outcome.result.provider == "two" and not first.asked


def test_a_source_is_asked_as_often_as_it_allows(ingestor: db.Connection, universe_file: Path) -> None:
    now = [0.0]
    remote = Remote("one", 1, good, requests_per_minute=2)

    def sleep(seconds: float) -> None:
        now[0] += seconds

    ask(ingestor, universe_file, remote, symbols=SYMBOLS, sleep=sleep, clock=lambda: now[0])
    assert now[0] == 90.0, "four askings, thirty seconds apart"


def test_f1_the_door_weighs_an_answer_as_the_golden_configuration_does() -> None:
    """The numbers of market.answer_fault, which judges before a configuration need be pinned."""
    routine = (ROOT / "sql" / "routines" / "market.answer_fault.sql").read_text(encoding="utf-8")
    golden = yaml.safe_load((ROOT / "configs" / "golden_config.yaml").read_text(encoding="utf-8"))
    data = next(section for section in golden.values() if "quality_weight_missing" in section)
    terms = re.findall(r"([0-9.]+) \* (?:greatest\(|\(?v_row\.)(v_expected|duplicate|priceless|spikes)", routine)
    weights = {name: float(number) for number, name in terms}
    assert weights == {
        "v_expected": data["quality_weight_missing"]["value"],
        "duplicate": data["quality_weight_duplicate"]["value"],
        "priceless": data["quality_weight_zero_negative"]["value"],
        "spikes": data["quality_weight_spike"]["value"],
    }
