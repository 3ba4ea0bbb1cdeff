"""A broker that does everything wrong: Alpaca's trading API on loopback, in its own process, with a journal.

Test equipment. `python -m tests.fake_alpaca --help` drives it by hand; `client.FakeAlpaca` drives it from a test:

    with FakeAlpaca() as fake:
        fake.set_clock("2020-01-07T15:00:00Z")
        fake.set_prices(AAA=(99.99, 100.01))
        fake.fault("timeout_after", op="POST /v2/orders", nth=2)
        ...                                    # the worker under test talks to fake.url with fake.key and fake.secret
        assert [o["client_order_id"] for o in fake.journal().accepted()] == [...]

Parts: `clock` (the broker's time and sessions), `orders` (an order and its shape on the wire), `rules` (what Alpaca
refuses, with its codes and words), `exchange` (book, positions, cash, activities), `faults` (the catalogue: every
broker fault of INVARIANTS), `stream` (trade_updates), `server` (HTTP, and what a fault does to an answer on the wire),
`journal` (what the broker really did: one JSON line each, on disk before the answer leaves; the tests' oracle).

Shapes follow alpaca-py 0.44's models, which test_wire.py parses every answer with. What is simpler than the real one,
on purpose: one account, equities only, order class `simple`, one bid and ask per symbol, no fees unless scripted.
"""

from tests.fake_alpaca.client import FakeAlpaca, Record

__all__ = ["FakeAlpaca", "Record"]
