"""What the sweep breaks in a worker on purpose, to show that it would notice: no look-up before a re-POST (I6)."""

from __future__ import annotations

from typing import Any


def disable_lookup(on: bool) -> None:
    """Every look-up says "not found" without asking, so that doubt is ended by sending again."""
    if not on:
        return
    from runner.brokers.alpaca import AlpacaBroker
    from runner.brokers.base import NotFound

    def never_asked(*_: Any, **__: Any) -> NotFound:
        return NotFound("look-ups are disabled by the sweep")

    AlpacaBroker.lookup = never_asked  # type: ignore[method-assign]
