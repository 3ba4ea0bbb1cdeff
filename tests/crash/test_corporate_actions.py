"""A split and a dividend overnight, at the broker and in our books: equal again once both know, without a break."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tests.crash.scene import Scene, run_sql


def act(scene: Scene, symbol: str, kind: str, factor: str) -> None:
    """An action of the data layer, with its ex-date on the 8th."""
    run_sql(
        scene.database,
        f"""
        with batch as (
            insert into market.ingest_batches (provider, symbol, state) values ('tester', '{symbol}', 'DONE')
            returning batch_id
        )
        insert into market.corporate_actions (
            provider, symbol, ex_date, kind, revision, factor, batch_id, known_at, recorded_at
        )
        select 'tester', '{symbol}', '2020-01-08', '{kind}', 0, {factor}, batch_id, '2020-01-07 21:00+00',
            '2020-01-07 21:00+00'
        from batch
        """,
    )


def go_to(scene: Scene, instant: str) -> None:
    """Both clocks."""
    scene.fake.set_clock(instant)
    run_sql(scene.database, f"select ops.advance_clock('{instant}')")


def works(scene: Scene) -> None:
    """Passes until our books and the broker's are equal, three at most, without a break."""
    codes = [scene.work()["code"] for _ in range(3)]
    assert codes[-1] == 0, codes
    held = run_sql(scene.database, "select symbol, quantity from trade.positions where quantity <> 0")
    theirs = {symbol: Decimal(quantity) for symbol, quantity in scene.fake.state()["positions"].items()}
    assert {row["symbol"]: row["quantity"] for row in held} == theirs
    assert run_sql(scene.database, "select kind from trade.breaks") == []


def cash_ahead(scene: Scene) -> Decimal:
    """Our cash less the broker's."""
    (ours,) = run_sql(scene.database, "select sum(amount) as cash from trade.cash_ledger")
    return Decimal(ours["cash"] - Decimal(scene.fake.state()["cash"]))


def test_i9_a_split_and_a_dividend_at_the_broker(make_scene: Callable[[str], Scene]) -> None:
    """10.5 AAA become 21 before the opening; 10 CCC sold short owe 0.25 each, which the broker takes after us."""
    scene = make_scene("overnight")
    scene.restore()
    for _ in range(3):
        scene.work()
    level = cash_ahead(scene)
    assert scene.fake.state()["positions"]["AAA"] == "10.5"
    act(scene, "AAA", "split", "2")
    act(scene, "CCC", "dividend", "1.00125")  # 1 + 0.25 / 200, of the close of its ex-date
    go_to(scene, "2020-01-08T15:00:00Z")
    scene.fake.fault("split", symbol="AAA", ratio="2")
    works(scene)
    assert scene.fake.state()["positions"]["AAA"] == "21"
    go_to(scene, "2020-01-08T21:30:00Z")
    works(scene)
    assert cash_ahead(scene) == level - Decimal("2.5"), "booked on the ex-date, not paid yet, and no difference"
    scene.fake.fault("dividend", symbol="CCC", per_share="0.25")
    works(scene)
    assert cash_ahead(scene) == level
