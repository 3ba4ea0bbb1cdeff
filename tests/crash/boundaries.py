"""Counts the boundaries of a worker from inside, and kills it at one: SIGKILL, so nothing of it runs any more.

A boundary is the point before or after a statement (BEGIN and COMMIT included), and before, in the middle of (sent, the
answer unread) and after an HTTP call. It is found below the product: in psycopg and urllib3, which every statement and
every call of the trading key's session goes through. The product has no hook for this.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import urllib3.connection

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
_CALLED = re.compile(r"\b(?:from|select|call)\s+((?:[a-z_]+)\.[a-z_0-9]+)\s*\(", re.IGNORECASE)


class Boundaries:
    """Counts from 1. kill_at: the boundary to die at; pause_at: the one to stop at, by name; None: none.

    told: called with the last words of a worker that dies.
    """

    def __init__(self, kill_at: int | None, pause_at: str | None, told: Callable[[str], None]) -> None:
        self.seen: list[str] = []
        self._kill_at, self._pause_at, self._told = kill_at, pause_at, told
        self._lock = threading.Lock()

    def pass_(self, what: str) -> None:
        """One boundary."""
        with self._lock:
            self.seen.append(what)
            if len(self.seen) == self._kill_at:
                self._told(what)
                os.kill(os.getpid(), signal.SIGKILL)
            if what == self._pause_at:
                self._pause_at = None
                os.kill(os.getpid(), signal.SIGSTOP)

    def install(self) -> None:
        """Wrap psycopg and urllib3 in this process."""
        self._install_database()
        self._install_http()

    def _install_database(self) -> None:
        execute, command = psycopg.Cursor.execute, psycopg.Connection._exec_command
        passing = self.pass_

        def counted_execute(cursor: Any, query: Any, *arguments: Any, **named: Any) -> Any:
            name = _statement(query)
            passing(f"before {name}")
            result = execute(cursor, query, *arguments, **named)
            passing(f"after {name}")
            return result

        def counted_command(connection: Any, statement: Any, *arguments: Any, **named: Any) -> Iterator[Any]:
            name = _statement(statement)
            passing(f"before {name}")
            result = yield from command(connection, statement, *arguments, **named)
            passing(f"after {name}")
            return result

        psycopg.Cursor.execute = counted_execute  # type: ignore[method-assign]
        psycopg.Connection._exec_command = counted_command  # type: ignore[method-assign,assignment]

    def _install_http(self) -> None:
        pool = urllib3.connection.HTTPConnection
        request, getresponse = pool.request, pool.getresponse
        passing = self.pass_
        calls = threading.local()

        def counted_request(connection: Any, method: str, url: str, *arguments: Any, **named: Any) -> Any:
            calls.name = f"{method} {_ID.sub('{id}', url.partition('?')[0])}"
            passing(f"before {calls.name}")
            result = request(connection, method, url, *arguments, **named)
            passing(f"sent {calls.name}")
            return result

        def counted_response(connection: Any) -> Any:
            response = getresponse(connection)
            passing(f"after {calls.name}")
            return response

        pool.request = counted_request  # type: ignore[method-assign]
        pool.getresponse = counted_response  # type: ignore[method-assign]


def _statement(query: Any) -> str:
    """A short name: the routine a statement calls, else its first words."""
    text = query.decode() if isinstance(query, bytes) else str(query)
    called = _CALLED.search(text)
    return called[1] if called else " ".join(text.split())[:40]
