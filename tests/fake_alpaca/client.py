"""The fake as a process of its own, for a test; and its journal, read."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import httpx

ROOT = Path(__file__).resolve().parents[2]


class ScriptRefused(AssertionError):
    """What a test asked of the fake is not possible; the message says why."""


def call(url: str, path: str, body: Any = None) -> Any:
    """POST /__{path}. Raises: ScriptRefused, httpx.HTTPError when nobody listens."""
    # Plain HTTP on loopback: with `verify` each request would read the certificates first, which takes longer than it.
    answer = httpx.post(f"{url}/__{path}", json={} if body is None else body, timeout=30, trust_env=False, verify=False)
    if answer.status_code != httpx.codes.OK:
        raise ScriptRefused(answer.json().get("message", answer.text))
    return answer.json()


@dataclass(frozen=True)
class Record:
    """Lines of a journal, and what they come to: what the broker really did."""

    lines: tuple[dict[str, Any], ...]

    def of(self, *kinds: str) -> list[dict[str, Any]]:
        """Lines of these kinds, in order."""
        return [line for line in self.lines if line["kind"] in kinds]

    def accepted(self) -> list[dict[str, Any]]:
        """Orders the broker took."""
        return self.of("accepted")

    def executed(self) -> list[dict[str, Any]]:
        """Executions that stand: those not busted."""
        busted = {line["execution_id"] for line in self.of("bust")}
        return [line for line in self.of("executed") if line["execution_id"] not in busted]

    def requests(self, method: str = "", path: str = "") -> list[dict[str, Any]]:
        """Requests as received."""
        return [r for r in self.of("request") if method in ("", r["method"]) and path in ("", r["path"])]

    def statuses(self) -> dict[str, str]:
        """Last status of every order the broker took, by client_order_id."""
        last = {line["client_order_id"]: "pending_new" for line in self.accepted()}
        return last | {line["client_order_id"]: line["status"] for line in self.of("status")}

    def live(self) -> list[str]:
        """Client ids of orders that could still fill at the end."""
        still = {line["client_order_id"]: True for line in self.accepted()}
        still |= {line["client_order_id"]: line["open"] for line in self.of("status")}
        return [name for name, is_open in still.items() if is_open]

    def filled(self) -> dict[str, Decimal]:
        """Shares filled of each order, by client_order_id."""
        total: dict[str, Decimal] = defaultdict(Decimal)
        for line in self.executed():
            total[line["client_order_id"]] += Decimal(line["qty"])
        return dict(total)

    def positions(self) -> dict[str, Decimal]:
        """Shares bought less shares sold, by symbol; flat ones left out."""
        total: dict[str, Decimal] = defaultdict(Decimal)
        for line in self.executed():
            total[line["symbol"]] += Decimal(line["qty"]) * (1 if line["side"] == "buy" else -1)
        return {symbol: shares for symbol, shares in total.items() if shares}


def read(path: Path) -> Record:
    """The journal since its last reset."""
    lines: list[dict[str, Any]] = []
    for text in reversed(path.read_text(encoding="utf-8").splitlines()):  # a long journal is not parsed for its end
        lines.append(json.loads(text))
        if lines[-1]["kind"] == "reset":
            break
    return Record(tuple(reversed(lines)))


class FakeAlpaca:
    """A running fake. It ends with the block, and with the process that started it, however that dies.

    journal: where to keep it, None for a temporary folder; world: see `reset`.
    """

    def __init__(self, journal: Path | None = None, **world: Any) -> None:
        self._folder = None if journal else Path(tempfile.mkdtemp(prefix="fake-alpaca-"))
        self.journal_path = journal or self._folder / "journal.jsonl"  # type: ignore[operator]
        self._world = world
        self._process: subprocess.Popen[str] | None = None
        self.url = self.stream_url = self.key = self.secret = ""

    def start(self) -> Self:
        """Start it and wait until it listens."""
        command = [
            sys.executable,
            "-m",
            "tests.fake_alpaca",
            "serve",
            "--journal",
            str(self.journal_path),
            "--attached",
        ]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        line = self._process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            raise ScriptRefused(f"the fake did not start: {' '.join(command)}")
        told = json.loads(line)
        self.url, self.stream_url, self.key, self.secret = (told[k] for k in ("url", "stream", "key", "secret"))
        if self._world:
            self.reset(**self._world)
        return self

    def stop(self) -> None:
        """End it; its journal goes with it unless a path was given."""
        if self._process is not None:
            self._process.stdin.close()  # type: ignore[union-attr]
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()  # type: ignore[union-attr]
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- the script ----

    def reset(self, **world: Any) -> Any:
        """A new account once quiet: clock, running, cash, seed, fills (auto or manual), account_id, unique_ids."""
        self.quiet()
        return call(self.url, "reset", world)

    def save(self, name: str) -> None:
        """Keep the account as it stands."""
        self.quiet()
        call(self.url, "save", {"name": name})

    def restore(self, name: str) -> Any:
        """Back to what was kept, journal and all, without faults."""
        self.quiet()
        return call(self.url, "restore", {"name": name})

    def quiet(self) -> None:
        """Wait until no request is under way."""
        if not call(self.url, "quiet")["quiet"]:
            raise ScriptRefused("requests are still under way after ten seconds")

    def fault(self, name: str, op: str = "", **rest: Any) -> None:
        """Set one fault: op, nth, count, where, and the fault's parameters (faults.py)."""
        call(self.url, "faults", {"fault": name, **({"op": op} if op else {}), **rest})

    def script(self, lines: list[dict[str, Any]]) -> None:
        """Set several faults: lines as faults.py describes them."""
        call(self.url, "faults", lines)

    def set_clock(self, now: str | datetime, running: bool = False) -> Any:
        """Stand at an instant, or run from it; what is due by then happens."""
        return call(self.url, "clock", {"now": now if isinstance(now, str) else now.isoformat(), "running": running})

    def set_prices(self, **quotes: Any) -> Any:
        """AAA=100 or AAA=(bid, ask)."""
        given = {s: [str(p) for p in q] if isinstance(q, tuple | list) else str(q) for s, q in quotes.items()}
        return call(self.url, "prices", given)

    def fill(self, order: str, quantity: Any = None, price: Any = None, keep_status: bool = False) -> Any:
        """Execute some of an order, all of the rest without a quantity."""
        given = {"quantity": quantity, "price": price}
        numbers = {name: None if value is None else str(value) for name, value in given.items()}
        return call(self.url, "fill", {"order": order, "keep_status": keep_status, **numbers})

    def do(self, path: str, **body: Any) -> Any:
        """Any other request of the script: control.py lists them."""
        return call(self.url, path, body)

    # -- what happened ----

    def orders(self) -> list[dict[str, Any]]:
        """Every order the broker has."""
        return list(call(self.url, "orders"))

    def state(self) -> dict[str, Any]:
        """Clock, cash, positions, open orders, faults not yet met."""
        return dict(call(self.url, "state"))

    def journal(self) -> Record:
        """What the broker did since the last reset, once it is quiet."""
        self.quiet()
        return read(self.journal_path)


@contextlib.contextmanager
def running(url: str, key: str, secret: str, journal: Path) -> Iterator[FakeAlpaca]:
    """A fake that somebody else started."""
    fake = FakeAlpaca(journal)
    fake.url, fake.key, fake.secret = url, key, secret
    yield fake
