"""The wire: one thread a connection, and what a fault does to an answer on its way.

A request is written to the journal, carried out under the one lock of the exchange, flushed to the disk, and answered;
what a fault breaks is only ever the part it names. A connection that a fault keeps silent ends when its client does.
"""

from __future__ import annotations

import contextlib
import copy
import json
import select
import socket
import struct
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.fake_alpaca.broker import Broker, route
from tests.fake_alpaca.clock import SECOND, Clock, parse_instant, rfc3339
from tests.fake_alpaca.control import Control
from tests.fake_alpaca.exchange import Exchange, Plan
from tests.fake_alpaca.faults import Fault, Script, UnknownFault
from tests.fake_alpaca.journal import Journal
from tests.fake_alpaca.rules import Refusal
from tests.fake_alpaca.stream import Hub

KEY, SECRET = "PKFAKEFAKEFAKEFAKE00", "fake-secret-of-the-fake-broker-000000000"
BODY_MAX = 1_000_000

#: Faults of the wire before the request is carried out, and after.
BEFORE = {
    "timeout_before", "reset_before", "status_before", "rate_limited", "rate_limited_bare", "unauthorized", "forbidden",
    "invalid", "not_found", "redirect",
}  # fmt: skip

#: Meaning of a 403 -> its body; None: a gateway's page.
FORBIDDEN: dict[str, dict[str, Any] | None] = {
    "key": {"message": "forbidden."},
    "buying_power": {
        "code": 40310000, "message": "insufficient buying power", "buying_power": "0", "cost_basis": "1000",
    },
    "quantity": {
        "code": 40310000, "message": "insufficient qty available for order (requested: 10, available: 0)",
        "available": "0", "existing_qty": "10", "held_for_orders": "10",
    },
    "wash_trade": {
        "code": 40310000, "message": "potential wash trade detected. use complex orders",
        "reject_reason": "opposite side market/stop order exists",
    },
    "blocked": {"code": 40310000, "message": "account is not allowed to trade"},
    "liquidation": {"code": 40310000, "message": "account is restricted to liquidation only"},
    "pdt": {"code": 40310000, "message": "trade denied due to pattern day trading protection"},
    "html": None,
}  # fmt: skip


@dataclass
class Reply:
    """An answer before it is sent. body: None for none; raw: bytes in its place."""

    status: int
    body: Any = None
    raw: bytes | None = None
    content_type: str = "application/json; charset=UTF-8"
    headers: tuple[tuple[str, str], ...] = ()

    def payload(self) -> bytes:
        """The bytes of the body."""
        if self.raw is not None:
            return self.raw
        return b"" if self.body is None else json.dumps(self.body).encode()


def page(status: int) -> Reply:
    """What a gateway says instead of the broker."""
    text = f"<html><head><title>{status} {HTTPStatus(status).phrase}</title></head><body>nginx</body></html>"
    return Reply(status, raw=text.encode(), content_type="text/html")


class Venue(ThreadingHTTPServer):
    """The server with everything behind it. port 0: any free one."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, journal: Path, port: int = 0, **world: Any) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.lock = threading.RLock()
        self.clock = Clock()
        self.journal = Journal(journal, at=lambda: rfc3339(self.clock.now()))
        self.script = Script()
        self.hub = Hub(KEY, SECRET)
        self.busy = 0
        self.control = Control(self.world(**world), self.script, self.hub, self)

    @property
    def exchange(self) -> Exchange:
        """The account of the moment: a reset makes another."""
        return self.control.exchange

    def world(
        self, clock: str | None = None, running: bool = False, seed: int = 0, cash: Any = 1_000_000,
        fills: str = "auto", account_id: str = "", unique_ids: bool = True,
    ) -> Exchange:  # fmt: skip
        """A new account. clock: instant it stands at, None for the machine's own."""
        self.clock = Clock(parse_instant(clock) if clock else None, running)
        self.hub.seed = seed
        self.journal.write("reset", seed=seed, cash=str(cash), fills=fills)
        return Exchange(
            self.clock,
            self.journal,
            self.hub.publish,
            seed=seed,
            cash=Decimal(str(cash)),
            fills=fills,
            account_id=account_id,
            unique_ids=unique_ids,
        )

    def saved(self) -> tuple[Exchange, list[str]]:
        """The account as it stands, and its lines of the journal."""
        exchange = self.exchange
        same = {id(thing): thing for thing in (self.journal, self.hub)}
        return copy.deepcopy(exchange, same), self.journal.since_reset()

    def restored(self, saved: tuple[Exchange, list[str]]) -> Exchange:
        """A copy of a saved account; its lines stand in the journal once more."""
        same = {id(thing): thing for thing in (self.journal, self.hub)}
        exchange = copy.deepcopy(saved[0], same)
        self.clock = exchange.clock
        self.journal.write("reset", restored=True)
        for line in saved[1]:
            self.journal.copy(line)
        return exchange

    def quiet(self, seconds: float = 10.0) -> bool:
        """Wait until no request is under way; whether that came to pass."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.lock:
                if not self.busy:
                    return True
            time.sleep(0.002)
        return False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error; anything else is told on stderr."""
        import sys

        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Venue

    def log_message(self, *_: Any) -> None:
        """The journal tells more."""

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815

    # -- one request ----

    def _serve(self) -> None:
        if self.headers.get("Upgrade", "").lower() == "websocket":
            self._stream()
            return
        length = int(self.headers.get("Content-Length") or 0)
        if length > BODY_MAX:
            self._send(Reply(413, {"message": "request entity too large"}))
            self.close_connection = True
            return
        raw = self.rfile.read(length)
        url = urlsplit(self.path)
        if url.path.startswith("/__"):
            self._control(url.path[3:], raw)
            return
        with self.server.lock:
            self.server.busy += 1
        self._counted = True
        try:
            self._trade(url.path, dict(parse_qsl(url.query)), raw)
        finally:
            self._leave()

    def _leave(self) -> None:
        """The request under way is over."""
        with self.server.lock:
            self.server.busy -= self._counted
            self._counted = False

    def _trade(self, path: str, query: dict[str, str], raw: bytes) -> None:
        venue = self.server
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = raw.decode(errors="replace")
        found = route(self.command, path)
        venue.journal.write("request", method=self.command, path=path, query=query, body=body)
        if not self._authorized():
            self._finish(Reply(401, {"code": 40110000, "message": "request is not authorized"}))
            return
        if found is None:
            self._finish(Reply(404, {"code": 40410000, "message": "endpoint not found."}))
            return
        op, handler, in_path = found
        faults = venue.script.take(op, self._facts(query, body, in_path))
        for fault in faults:
            venue.journal.write("fault", fault=fault.name, op=op, **dict(fault.parameters))
        wire = next((fault for fault in faults if fault.entry.phase == "wire"), None)
        if wire is not None and wire.name in BEFORE:
            self._break_before(wire)
            return
        plans = [plan_of(fault) for fault in faults if fault.entry.phase == "plan"]
        with venue.lock:
            venue.exchange.settle()
            status, answer = Broker(venue.exchange).answer(handler, query | in_path, body, plans)
            venue.exchange.settle()
        for fault in faults:
            if fault.entry.phase == "answer" and status < HTTPStatus.BAD_REQUEST:
                answer = falsify(answer, fault)
        reply = Reply(status, answer)
        if wire is None:
            self._finish(reply)
        else:
            self._break_after(wire, reply)

    def _authorized(self) -> bool:
        given = (self.headers.get("APCA-API-KEY-ID"), self.headers.get("APCA-API-SECRET-KEY"))
        return given == (KEY, SECRET)

    def _facts(self, query: Mapping[str, str], body: Any, in_path: Mapping[str, str]) -> dict[str, Any]:
        """What a script's `where` can ask of a request: body, query, path, and the order the path names."""
        facts: dict[str, Any] = {**query, **in_path, **(body if isinstance(body, dict) else {})}
        order = self.server.exchange.orders.get(in_path.get("id", ""))
        return facts | ({"client_order_id": order.client_order_id, "symbol": order.symbol} if order else {})

    # -- answers ----

    def _finish(self, reply: Reply) -> None:
        """An answer as it should be: on the disk, sent, and then the stream tells."""
        self.server.journal.flush()
        try:
            self._send(reply)
            self.server.journal.write("answer", status=reply.status)
        finally:
            self.server.hub.release()

    def _head(self, reply: Reply, length: int) -> bytes:
        told = self.server.clock.told()
        lines = [
            f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}",
            f"Date: {formatdate(told // SECOND, usegmt=True)}",
            f"Content-Type: {reply.content_type}",
            f"X-Request-ID: {threading.get_ident():032x}",
            *(f"{name}: {value}" for name, value in reply.headers),
        ]
        if reply.status != HTTPStatus.NO_CONTENT:
            lines.append(f"Content-Length: {length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _send(self, reply: Reply) -> None:
        payload = reply.payload()
        self.wfile.write(self._head(reply, len(payload)) + payload)

    def _break_before(self, fault: Fault) -> None:
        replies = {
            "status_before": lambda: page(int(fault.get("status"))),
            "rate_limited": lambda: Reply(
                429, {"code": 42910000, "message": "rate limit exceeded"},
                headers=(
                    ("Retry-After", str(fault.get("retry_after"))),
                    ("X-RateLimit-Limit", "200"), ("X-RateLimit-Remaining", "0"),
                    ("X-RateLimit-Reset", str(int(time.time()) + int(fault.get("retry_after")))),
                ),
            ),
            "rate_limited_bare": lambda: Reply(429, {"message": "too many requests."}),
            "unauthorized": lambda: Reply(401, {"code": 40110000, "message": "request is not authorized"}),
            "forbidden": lambda: self._forbidden(str(fault.get("meaning"))),
            "invalid": lambda: Reply(422, {"code": 42210000, "message": fault.get("message")}),
            "not_found": lambda: Reply(404, {"code": 40410000, "message": "order not found for it"}),
            "redirect": lambda: Reply(307, headers=(("Location", str(fault.get("location"))),)),
        }  # fmt: skip
        if fault.name == "timeout_before":
            self._silence(float(fault.get("seconds")))
        elif fault.name == "reset_before":
            self._reset()
        else:
            self._finish(replies[fault.name]())

    def _forbidden(self, meaning: str) -> Reply:
        body = FORBIDDEN[meaning]
        return page(403) if body is None else Reply(403, body)

    def _break_after(self, fault: Fault, reply: Reply) -> None:
        """The request was carried out; its answer does not arrive as it should."""
        self.server.journal.flush()
        payload = reply.payload()
        replies = {
            "status_after": lambda: page(int(fault.get("status"))),
            "duplicate_id": lambda: Reply(422, {"code": 40010001, "message": "client_order_id must be unique"}),
            "html": lambda: Reply(200, raw=b"<html><body>Bad gateway, but 200</body></html>", content_type="text/html"),
            "empty": lambda: Reply(200, raw=b""),
            "truncated": lambda: Reply(200, raw=payload[: max(1, len(payload) // 2)]),
            "wrong_shape": lambda: Reply(200, fault.get("body")),
            "json_null": lambda: Reply(200, raw=b"null"),
            "huge": lambda: Reply(200, raw=b" " * int(fault.get("bytes")) + payload),
        }
        if fault.name in replies:
            self._finish(replies[fault.name]())
            return
        self.server.hub.release()
        if fault.name == "timeout_after":
            self._silence(float(fault.get("seconds")))
        elif fault.name == "reset_after":
            self._reset()
        else:
            self._break_mid_body(fault, reply, payload or b"{}")

    def _break_mid_body(self, fault: Fault, reply: Reply, payload: bytes) -> None:
        reply = reply if reply.status != HTTPStatus.NO_CONTENT else Reply(200)
        if fault.name == "drip":
            whole = self._head(reply, len(payload)) + payload
            with contextlib.suppress(OSError):
                for i in range(len(whole)):
                    self.wfile.write(whole[i : i + 1])
                    time.sleep(float(fault.get("interval")))
            self.close_connection = True
            return
        self.wfile.write(self._head(reply, len(payload)) + payload[: len(payload) // 2])
        if fault.name == "reset_mid_body":
            time.sleep(0.02)  # let the half leave before the reset overtakes it
            self._reset()
        else:
            self._silence(float(fault.get("seconds")))

    def _silence(self, seconds: float) -> None:
        """Say nothing until the client goes away or the time is over; for whoever waits for quiet it is over now."""
        self._leave()
        self.server.journal.write("answer", status=None, how="silence")
        self.close_connection = True
        end = time.monotonic() + seconds
        with contextlib.suppress(OSError):
            while (left := end - time.monotonic()) > 0:
                ready, _, _ = select.select([self.connection], [], [], min(left, 1.0))
                if ready and not self.connection.recv(65536):
                    return

    def _reset(self) -> None:
        self.server.journal.write("answer", status=None, how="reset")
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    # -- the stream, and the script ----

    def _stream(self) -> None:
        head = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        self.close_connection = True
        self.server.hub.serve(self.connection, f"{self.requestline}\r\n{head}\r\n".encode())

    def _control(self, path: str, raw: bytes) -> None:
        venue = self.server
        if path == "quiet":
            self._send(Reply(200, {"quiet": venue.quiet()}))
            return
        action = venue.control.paths.get(path)
        if action is None:
            self._send(
                Reply(404, {"message": f"/__{path} is not one of /__{', /__'.join(sorted(venue.control.paths))}"})
            )
            return
        try:
            body = json.loads(raw) if raw else {}
            with venue.lock:
                if path not in ("state", "orders", "catalogue"):
                    venue.journal.write("control", action=path, body=body)
                venue.exchange.settle()
                answer = action(body)
                venue.exchange.settle()
                venue.journal.flush()
            venue.hub.release()
            self._send(Reply(200, answer))
        except Refusal as refusal:
            self._send(Reply(422, refusal.body))
        except (UnknownFault, KeyError, ValueError, ArithmeticError, TypeError) as error:
            self._send(Reply(422, {"message": f"/__{path}: {type(error).__name__}: {error}"}))


def plan_of(fault: Fault) -> Plan:
    """What an accepted order will meet."""
    given = {name: fault.get(name) for name in fault.entry.defaults}
    if "fraction" in given:
        given["fraction"] = Decimal(str(given["fraction"]))
    return Plan(fault.name, **given)


#: How a number is told wrongly.
WRONG: dict[str, Any] = {
    "null": None, "nan": "NaN", "infinity": "Infinity", "empty": "", "text": "many", "negative": "-1",
}  # fmt: skip


def falsify(answer: Any, fault: Fault) -> Any:
    """The answer with a lie in it; a list lies in every row."""
    match fault.name:
        case "short_page" if isinstance(answer, list):
            return answer[: max(0, len(answer) - int(fault.get("drop")))]
        case "repeated_row" if isinstance(answer, list):
            return answer[:1] + answer
        case "stale_list" if isinstance(answer, list):
            newest = sorted(answer, key=lambda row: str(row.get("submitted_at") or row.get("id")))
            hidden = [row["id"] for row in newest[-int(fault.get("drop_newest")) :]]
            return [row for row in answer if row["id"] not in hidden]
        case "field" | "unknown_status":
            rows = answer if isinstance(answer, list) else [answer]
            changed = [_wrong_row(row, fault) for row in rows if isinstance(row, dict)]
            return changed if isinstance(answer, list) else changed[0] if changed else answer
    return answer


def _wrong_row(row: dict[str, Any], fault: Fault) -> dict[str, Any]:
    if fault.name == "unknown_status":
        return row | ({"status": fault.get("status")} if "status" in row else {"order_status": fault.get("status")})
    name, how = str(fault.get("field")), str(fault.get("as"))
    if how == "missing":
        return {key: value for key, value in row.items() if key != name}
    if how in ("number", "bare_nan"):
        return row | {name: float("nan") if how == "bare_nan" else float(row.get(name) or 0)}
    if how == "exponent":
        return row | {name: f"{Decimal(str(row.get(name) or 0)):E}"}
    return row | {name: WRONG[how]}
