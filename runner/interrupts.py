"""SIGINT and SIGTERM as an event: a loop ends between two steps, never inside one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def stop_signal(wake: threading.Event | None = None) -> Iterator[threading.Event]:
    """An event set by SIGINT and SIGTERM, which set `wake` too; the handlers before are put back."""
    stop = threading.Event()

    def stopped(*_: object) -> None:
        stop.set()
        if wake is not None:
            wake.set()

    before = {number: signal.signal(number, stopped) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
