"""The exchange's rules: what fills, when, at which price and cost. Expected numbers are computed by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import config as golden
from runner.brokers.base import Execution, WorkingOrder
from runner.brokers.matching import CostModel, Played, SessionBar, play

DELAY = timedelta(minutes=30)
MINUTE = timedelta(minutes=1)
NO_COSTS = CostModel(*(Decimal(0) for _ in range(2)), Decimal("0.1"), *(Decimal(0) for _ in range(3)))
COSTS = CostModel(
    half_spread_bp=Decimal("2.5"),
    impact_bp=Decimal(50),
    volume_share=Decimal("0.1"),
    fee_per_share=Decimal("0.0035"),
    fee_min=Decimal("0.35"),
    sell_fee_bp=Decimal("0.25"),
)


def opens(day: int) -> datetime:
    return datetime(2020, 1, day, 14, 30, tzinfo=UTC)


def closes(day: int) -> datetime:
    return datetime(2020, 1, day, 21, 0, tzinfo=UTC)


def bar(
    day: int = 7,
    first: float | None = 100.0,
    high: float = 105.0,
    low: float = 95.0,
    close: float | None = 104.0,
    **other: Any,
) -> SessionBar:
    values = {"volume": 1_000_000.0, "price_kind": "ohlcv", "price_basis": "raw", "split_factor": 1.0} | other
    return SessionBar(date(2020, 1, day), opens(day), closes(day), first, high, low, close, **values)


def no_bar(day: int = 7) -> SessionBar:
    return replace(bar(day), open=None, high=None, low=None, close=None, volume=None)


def close_only(day: int = 7, close: float = 13.26) -> SessionBar:
    kind = {"volume": None, "price_kind": "close", "price_basis": "fully_adjusted"}
    return replace(bar(day, close=close), open=None, high=None, low=None, **kind)  # type: ignore[arg-type]


def order(side: str = "BUY", order_type: str = "MARKET", tif: str = "DAY", **other: Any) -> WorkingOrder:
    values: dict[str, Any] = {
        "client_order_id": "AAA-entry-0-d",
        "broker_order_id": "paper.AAA-entry-0-d",
        "symbol": "AAA",
        "side": side,
        "quantity": Decimal(200),
        "filled_quantity": Decimal(0),
        "order_type": order_type,
        "time_in_force": tif,
        "limit_price": None,
        "stop_price": None,
        "price_basis": "raw",
        "trade_session": date(2020, 1, 7),
        "submitted_at": opens(7) - timedelta(hours=12),
        "opens_at": opens(7),
        "closes_at": closes(7),
    }
    prices = {name: Decimal(str(other.pop(name))) for name in ("limit_price", "stop_price") if name in other}
    return WorkingOrder(**values | prices | other)


def played(
    working: WorkingOrder, *bars: SessionBar, now: datetime | None = None, costs: CostModel = NO_COSTS
) -> Played:
    return play(working, bars, costs, now or closes(31), DELAY)


def fill(working: WorkingOrder, *bars: SessionBar, costs: CostModel = NO_COSTS) -> Execution:
    (execution,) = played(working, *bars, costs=costs).executions
    return execution


def price_of(working: WorkingOrder, *bars: SessionBar) -> tuple[float, datetime] | None:
    """Price and instant of the only fill without costs, None for none."""
    executions = played(working, *bars).executions
    assert len(executions) <= 1
    return (float(executions[0].price), executions[0].filled_at) if executions else None


# -- market orders ----


def test_an_order_before_the_opening_fills_at_the_open() -> None:
    # 100 x (1 + 2.5 bp + 50 bp x sqrt(200 / 1,000,000)) = 100 x (1 + 0.00025 + 0.00007071…), rounded up.
    assert fill(order(), bar(), costs=COSTS) == Execution(
        execution_id="AAA-entry-0-d.2020-01-07",
        client_order_id="AAA-entry-0-d",
        symbol="AAA",
        side="BUY",
        quantity=Decimal(200),
        price=Decimal("100.03207107"),
        fee=Decimal("0.7000"),
        price_basis="raw",
        session=date(2020, 1, 7),
        filled_at=opens(7),
        broker_order_id="paper.AAA-entry-0-d",
    )
    assert played(order(), bar()).status == "filled"


def test_an_order_after_the_opening_cannot_have_the_open() -> None:
    assert price_of(order(submitted_at=opens(7)), bar()) == (100, opens(7))
    assert price_of(order(submitted_at=opens(7) + MINUTE), bar()) == (104, closes(7))


def test_a_close_only_instrument_fills_whole_at_the_close_on_its_own_basis() -> None:
    execution = fill(order(quantity=Decimal(10**9)), close_only(), costs=COSTS)
    # No volume: no share of it, no impact. 13.26 x 1.00025.
    assert (execution.price, execution.filled_at) == (Decimal("13.26331500"), closes(7))
    assert (execution.quantity, execution.price_basis) == (10**9, "fully_adjusted")


def test_a_sale_gets_less_and_pays_the_fee_on_its_proceeds() -> None:
    execution = fill(order("SELL"), replace(bar(), volume=None), costs=COSTS)
    # 100 x (1 - 0.00025); 200 x 0.0035 + 200 x 99.975 x 0.000025 = 0.7 + 0.499875, rounded up.
    assert (execution.price, execution.fee) == (Decimal("99.97500000"), Decimal("1.1999"))


def test_nothing_fills_before_the_bar_is_known() -> None:
    early = played(order(), bar(), now=closes(7) - MINUTE)
    assert (early.executions, early.status) == ((), "accepted")
    assert played(order(), bar(8), now=opens(8) - MINUTE).executions == ()


# -- limits ----


@pytest.mark.parametrize(
    ("side", "limit", "expected"),
    [
        ("BUY", 101, (100, opens(7))),  # better at the open
        ("BUY", 100, (100, closes(7))),  # the open is no better; traded through afterwards
        ("BUY", 96, (96, closes(7))),
        ("BUY", 95, None),  # touched, not traded through
        ("BUY", 90, None),
        ("SELL", 99, (100, opens(7))),
        ("SELL", 103, (103, closes(7))),
        ("SELL", 105, None),
    ],
)
def test_a_limit_fills_where_the_bar_trades_through_it(side: str, limit: float, expected: Any) -> None:
    working = order(side, "LIMIT", limit_price=limit)
    assert price_of(working, bar()) == expected
    if expected is None:
        assert (played(working, bar()).status, played(working, bar()).reason) == ("expired", "SESSION_OVER")


def test_a_limit_that_comes_during_the_session_knows_its_close_alone() -> None:
    late = order("BUY", "LIMIT", limit_price=96, submitted_at=opens(7) + MINUTE)
    assert price_of(late, bar()) is None
    assert price_of(replace(late, limit_price=Decimal(105)), bar()) == (104, closes(7))


def test_costs_never_pass_the_limit() -> None:
    # The open is 100, half the spread above it 100.025: the limit is the price.
    assert fill(order("BUY", "LIMIT", limit_price="100.01"), bar(), costs=COSTS).price == Decimal("100.01")


# -- stops ----


@pytest.mark.parametrize(
    ("side", "stop", "expected"),
    [
        ("SELL", 96, (96, closes(7))),
        ("SELL", 95, (95, closes(7))),  # a touch triggers
        ("SELL", 94, None),
        ("SELL", 101, (100, opens(7))),  # a gap: at the open
        ("BUY", 105, (105, closes(7))),
        ("BUY", 106, None),
        ("BUY", 99, (100, opens(7))),
    ],
)
def test_a_stop_triggers_by_high_and_low_and_a_gap_at_the_open(side: str, stop: float, expected: Any) -> None:
    assert price_of(order(side, "STOP", stop_price=stop), bar()) == expected


def test_a_stop_of_a_close_only_instrument_looks_at_the_close() -> None:
    assert price_of(order("SELL", "STOP", stop_price=13), close_only()) is None
    assert price_of(order("SELL", "STOP", stop_price=13.5), close_only()) == (13.26, closes(7))


@pytest.mark.parametrize(
    ("stop", "limit", "expected"),
    [
        (97, 94, (97, closes(7))),  # never beyond the limit: at the stop
        (97, 96, (96, closes(7))),  # it may have jumped over the limit, but the close came back: the limit
        (97, 106, None),  # the high may have been before the trigger, and the close is below the limit
        (97, 103, (103, closes(7))),
        (101, 99, (100, opens(7))),  # triggered by the gap, better than the limit
        (101, 103, (103, closes(7))),  # triggered at the open: what follows is after it
        (94, 90, None),
    ],
)
def test_a_stop_limit_assumes_the_worse_order_of_a_bars_prices(stop: float, limit: float, expected: Any) -> None:
    assert price_of(order("SELL", "STOP_LIMIT", stop_price=stop, limit_price=limit), bar()) == expected


def test_a_stop_limit_the_bar_jumped_over_rests_as_a_limit() -> None:
    working = order("SELL", "STOP_LIMIT", "GTC", stop_price=97, limit_price=96)
    fallen = bar(close=95.5)
    assert price_of(working, fallen) is None
    assert price_of(working, fallen, bar(8, 95.5, 96.5, 95.2, 96.0)) == (96, closes(8))
    assert price_of(replace(working, time_in_force="DAY"), fallen) is None


# -- time in force, volume, fees ----


def test_a_day_order_gets_its_share_of_the_volume_and_the_rest_expires() -> None:
    result = played(order(), bar(volume=1500.0))
    assert [execution.quantity for execution in result.executions] == [150]
    assert (result.status, result.filled_quantity, result.reason) == ("expired", 150, "SESSION_OVER")


def test_a_gtc_order_goes_on_in_the_next_session_and_pays_the_minimum_once() -> None:
    result = played(order(tif="GTC", quantity=Decimal(90)), bar(volume=309.0), bar(8, volume=999.0), costs=COSTS)
    assert [(e.execution_id[-10:], e.quantity) for e in result.executions] == [("2020-01-07", 30), ("2020-01-08", 60)]
    # 90 x 0.0035 = 0.315 is below the minimum of 0.35, which the first execution paid.
    assert [execution.fee for execution in result.executions] == [Decimal("0.3500"), 0]
    assert (result.status, result.at) == ("filled", opens(8))


def test_a_fraction_gets_a_fraction() -> None:
    assert fill(order(quantity=Decimal("200.5")), bar(volume=1234.5)).quantity == Decimal("123.45")
    assert fill(order(quantity=Decimal(200)), bar(volume=1234.5)).quantity == 123


@pytest.mark.parametrize(
    ("tif", "volume", "limit", "expected"),
    [
        ("IOC", 1500.0, None, (150, "canceled", "IOC")),
        ("IOC", 1e6, 101, (200, "filled", None)),
        ("IOC", 1e6, 99, (0, "canceled", "IOC")),  # not marketable at the open, whatever comes later
        ("FOK", 1500.0, None, (0, "canceled", "FOK")),
        ("FOK", 1e6, None, (200, "filled", None)),
    ],
)
def test_ioc_and_fok_act_on_one_instant(tif: str, volume: float, limit: float | None, expected: Any) -> None:
    working = order(tif=tif) if limit is None else order("BUY", "LIMIT", tif, limit_price=limit)
    result = played(working, bar(volume=volume))
    assert (result.filled_quantity, result.status, result.reason) == expected


def test_the_rest_of_a_partly_filled_order_fills_and_what_is_booked_is_not_made_again() -> None:
    booked = order(tif="GTC", filled_quantity=Decimal(150), filled_through=date(2020, 1, 7))
    result = played(booked, bar(first=1.0, low=1.0), bar(8), costs=COSTS)
    assert [(e.session.day, e.quantity) for e in result.executions] == [(8, 50)]
    # 200 x 0.0035 - 150 x 0.0035
    assert result.executions[0].fee == Decimal("0.1750")
    day = played(replace(booked, time_in_force="DAY"), bar(), bar(8))
    assert (day.executions, day.status) == ((), "expired")


def test_a_triggered_stop_stays_triggered_over_what_is_booked() -> None:
    booked = order("SELL", "STOP", "GTC", stop_price=96, filled_quantity=Decimal(150), filled_through=date(2020, 1, 7))
    assert price_of(booked, bar(), bar(8, 98.0, low=97.0)) == (98, opens(8))


def test_a_session_too_thin_for_one_share_gives_none() -> None:
    thin = played(order(), bar(volume=9.0))
    assert (thin.executions, thin.status, thin.reason) == ((), "expired", "SESSION_OVER")


# -- halts, splits ----


def test_without_a_bar_a_day_order_waits_for_the_delay_and_expires() -> None:
    waiting = played(order(), no_bar(), now=closes(7) + DELAY - MINUTE)
    assert (waiting.status, waiting.committed) == ("accepted", True)
    over = played(order(), no_bar(), now=closes(7) + DELAY)
    assert (over.executions, over.status, over.reason, over.at) == ((), "expired", "NO_BAR", closes(7))


def test_a_bar_without_volume_is_a_halt() -> None:
    halted = played(order(), bar(volume=0.0))
    assert (halted.executions, halted.status, halted.reason) == ((), "expired", "HALTED")


def test_a_gtc_order_rests_over_a_halt_and_fills_in_the_right_session() -> None:
    working = order("BUY", "LIMIT", "GTC", limit_price=96)
    bars = [no_bar(7), bar(8, low=97.0), bar(9, volume=0.0), bar(10), bar(13)]
    assert price_of(working, *bars) == (96, closes(10))
    assert played(working, *bars).executions == played(working, *bars[:4], now=closes(10) + DELAY).executions


def test_an_order_that_rests_over_a_split_is_cancelled_before_the_opening() -> None:
    stop = order("SELL", "STOP", "GTC", stop_price=90)
    halved = bar(8, 50.0, 52.0, 49.0, 51.0, split_factor=2.0)
    result = played(stop, bar(), halved)
    assert (result.executions, result.status, result.reason, result.at) == ((), "canceled", "SPLIT", opens(8))
    assert played(order(), bar(split_factor=2.0)).reason == "SPLIT"
    assert played(order(submitted_at=opens(7) + MINUTE), bar(split_factor=2.0)).status == "filled"


# -- cancels ----


def test_a_cancel_before_the_fill_instant_ends_the_order() -> None:
    before = opens(7) - MINUTE
    result = played(order(cancel_accepted_at=before), bar())
    assert (result.executions, result.status, result.at) == ((), "canceled", before)
    assert played(order(cancel_accepted_at=before), now=before).status == "canceled"
    at_the_close = order(submitted_at=opens(7) + MINUTE, cancel_accepted_at=closes(7) - MINUTE)
    assert played(at_the_close, no_bar(), now=closes(7) - MINUTE).status == "canceled"
    assert played(replace(at_the_close, cancel_accepted_at=closes(7)), bar()).status == "filled"


def test_a_cancel_after_the_open_keeps_what_the_open_gave() -> None:
    result = played(order(tif="GTC", cancel_accepted_at=opens(7) + MINUTE), bar(volume=1500.0), bar(8))
    assert (result.filled_quantity, result.status) == (150, "canceled")


@pytest.mark.parametrize(("close", "status"), [(94.0, "filled"), (104.0, "canceled")])
def test_a_cancel_and_a_fill_of_one_session_stand_in_the_order_that_is_worse(close: float, status: str) -> None:
    working = order("BUY", "LIMIT", "GTC", limit_price=96, cancel_accepted_at=opens(7) + MINUTE)
    assert played(working, bar(low=93.0, close=close)).status == status
    waiting = played(working, no_bar(), now=opens(7) + 2 * MINUTE)
    assert (waiting.status, waiting.committed) == ("accepted", False)


def test_a_cancel_between_two_sessions_ends_what_rests() -> None:
    working = order("SELL", "STOP", "GTC", stop_price=90, cancel_accepted_at=closes(7) + MINUTE)
    result = played(working, bar(), bar(8, low=80.0))
    assert (result.executions, result.status, result.at) == ((), "canceled", closes(7) + MINUTE)
    assert played(working, bar(), now=closes(7) + DELAY).status == "canceled"


def test_a_market_order_whose_opening_is_over_can_no_longer_be_cancelled() -> None:
    assert played(order(), no_bar(), now=opens(7)).committed
    assert not played(order(), now=opens(7) - MINUTE).committed
    assert not played(order("BUY", "LIMIT", limit_price=90), no_bar(), now=opens(7) + MINUTE).committed


# -- the cost model ----


@pytest.mark.parametrize(
    ("side", "price"), [("BUY", Decimal("0.31782944")), ("SELL", Decimal("0.31767056"))], ids=["up", "down"]
)
def test_prices_are_rounded_against_us(side: str, price: Decimal) -> None:
    # 0.31775 x 1.00025 = 0.3178294375; 0.31775 x 0.99975 = 0.3176705625.
    assert COSTS.price(side, Decimal("0.31775")) == price  # type: ignore[arg-type]


def test_impact_is_the_square_root_of_participation() -> None:
    # 2.5 bp + 50 bp x sqrt(0.04) = 12.5 bp.
    assert COSTS.price("BUY", Decimal(100), Decimal("0.04")) == Decimal("100.125")


def test_the_cost_model_is_the_configurations() -> None:
    section = golden.load().paper_broker
    assert CostModel.of(section) == CostModel(
        *(
            Decimal(str(value))
            for value in (
                section.half_spread_bp,
                section.impact_bp,
                section.volume_share,
                section.fee_per_share,
                section.fee_min,
                section.sell_fee_bp,
            )
        )
    )


# -- whatever the bars ----


def prices(low: int = 1) -> st.SearchStrategy[float]:
    return st.integers(low, 20_000).map(lambda cents: cents / 100)


@st.composite
def bars(draw: st.DrawFn, day: int) -> SessionBar:
    """A bar that keeps its own rules, a halt, or none."""
    if draw(st.integers(0, 9)) == 0:
        return no_bar(day)
    four = sorted(draw(st.lists(prices(), min_size=4, max_size=4)))
    first, close = draw(st.sampled_from(four)), draw(st.sampled_from(four))
    volume = draw(st.one_of(st.none(), st.integers(0, 5000).map(float)))
    return bar(day, first, four[3], four[0], close, volume=volume)


@st.composite
def cases(draw: st.DrawFn) -> tuple[WorkingOrder, list[SessionBar]]:
    kind = draw(st.sampled_from(["MARKET", "LIMIT", "STOP", "STOP_LIMIT"]))
    tif = draw(st.sampled_from(["DAY", "GTC"] if "STOP" in kind else ["DAY", "GTC", "IOC", "FOK"]))
    other: dict[str, Any] = {"quantity": Decimal(draw(st.integers(1, 5_000_000))) / 10_000}
    if "LIMIT" in kind:
        other["limit_price"] = draw(prices())
    if "STOP" in kind:
        other["stop_price"] = draw(prices())
    minutes = st.integers(-600, 5 * 24 * 60)
    other["submitted_at"] = opens(7) + draw(st.integers(-600, 380)) * MINUTE
    if draw(st.booleans()):
        other["cancel_accepted_at"] = max(other["submitted_at"], opens(7) + draw(minutes) * MINUTE)
    return order(draw(st.sampled_from(["BUY", "SELL"])), kind, tif, **other), [draw(bars(day)) for day in range(7, 12)]


@given(cases())
def test_no_fill_is_more_than_the_order_or_the_share_or_better_than_it_may_be(
    case: tuple[WorkingOrder, list[SessionBar]],
) -> None:
    working, sessions = case
    result = played(working, *sessions, costs=COSTS)
    by_session = {session.session: session for session in sessions}
    assert sum(e.quantity for e in result.executions) == result.filled_quantity <= working.quantity
    assert len({e.execution_id for e in result.executions}) == len(result.executions)
    for execution in result.executions:
        met = by_session[execution.session]
        assert met.low is not None and met.high is not None
        sign = 1 if execution.side == "BUY" else -1
        assert execution.quantity > 0
        assert execution.fee >= 0
        if met.volume is not None:
            assert execution.quantity <= Decimal(str(met.volume)) * COSTS.volume_share
        if working.limit_price is not None:
            assert sign * execution.price <= sign * working.limit_price
        best = min(sign * Decimal(str(p)) for p in (met.low, met.high))
        assert sign * execution.price >= best  # never better than any price of the day
        if working.order_type == "STOP" and execution == result.executions[0]:
            assert working.stop_price is not None
            assert sign * execution.price >= sign * working.stop_price
        if working.cancel_accepted_at is not None:
            assert met.opens_at <= working.cancel_accepted_at or execution.filled_at <= working.cancel_accepted_at
        assert working.submitted_at <= execution.filled_at


@given(cases(), st.integers(0, 5 * 24 * 60), st.integers(0, 3 * 24 * 60))
def test_later_is_more_of_the_same(
    case: tuple[WorkingOrder, list[SessionBar]], first_minutes: int, more_minutes: int
) -> None:
    """Monotone: what was told at one instant is told at every later one, and an end stays the end."""
    working, sessions = case
    known = [working.cancel_accepted_at or opens(7), opens(7) - timedelta(hours=12)]
    first_at = max(*known, opens(7) + first_minutes * MINUTE)
    first = played(working, *sessions, now=first_at, costs=COSTS)
    second = played(working, *sessions, now=first_at + more_minutes * MINUTE, costs=COSTS)
    assert second.executions[: len(first.executions)] == first.executions
    if first.status in ("filled", "canceled", "expired"):
        assert (second.status, second.at, second.executions) == (first.status, first.at, first.executions)


@given(cases(), st.integers(1, 5))
def test_booking_what_was_told_changes_nothing_that_follows(
    case: tuple[WorkingOrder, list[SessionBar]], count: int
) -> None:
    """Idempotent: with the first executions booked the rest is the same, whatever the bars say now of the booked."""
    working, sessions = case
    whole = played(working, *sessions, costs=COSTS)
    booked = whole.executions[:count]
    if not booked or (booked == whole.executions and whole.status == "filled"):
        return
    known = replace(
        working,
        filled_quantity=sum((e.quantity for e in booked), Decimal(0)),
        filled_through=booked[-1].session,
    )
    rest = played(known, *sessions, costs=COSTS)
    assert rest.executions == whole.executions[count:]
    assert (rest.status, rest.filled_quantity) == (whole.status, whole.filled_quantity)
