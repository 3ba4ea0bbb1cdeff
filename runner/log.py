"""Logging, set up once: structlog to standard error, cycle_id bound by context, secrets blanked out.

`get_logger(name)` anywhere; `bind(cycle_id=…)` at a cycle's start; `hide(value)` for a secret learnt at run time.
Whatever else may reach standard error of itself goes the same way: the libraries' own loggers, warnings, a traceback
nobody caught, of any thread. A secret is blanked by its value where it is known, and by its place where it is not: a
URL's password, a header, a key-value pair, the address of an alert channel.
"""

from __future__ import annotations

import contextlib
import json as json_text
import logging
import re
import sys
import threading
import traceback
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, TextIO, cast
from urllib.parse import quote, quote_plus

import structlog

BLANK = "***"
#: From the telling word on: what stands before it in a name stays, and to look for that from each letter of a long text
#: takes the square of its length. A fencing token is a number of ours.
_NAME = r"(?:passw(?:or)?d|secret|(?<!fencing[_ ])token|api[_-]?key|key[_-]id|authorization)[\w.-]*"
_SECRET_NAME = re.compile(rf"{_NAME}|passw|webhook|dsn$|conninfo", re.IGNORECASE)

#: What is blanked whatever its value, in this order; group 1 stays, and 2 where there is one.
_PLACES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # A password in a URL, up to the last @ of the word: one with an @ or / in it was not written as it should be.
        r"([a-z][a-z0-9+.-]{0,40}://[^/\s:@]*:)[^\s\"'<>]+(@)",
        # Authorization: Basic …, Bearer …
        r"\b((?:basic|bearer)\s+)[\w.~+/=-]{6,}",
        # password=…, 'password': '…', "secret_key": "…"; a URL's query too; headers as they are sent.
        rf"({_NAME}[\"']?\s*[:=]\s*b?[\"'])[^\"']+([\"'])",
        rf"({_NAME}=)(?!b?[\"'])[^\s,;&)}}\]]+",
        r"(\b(?:apca-api-[\w-]+|x-[\w-]*token|authorization):\s*)(?!basic\b|bearer\b)\S+",
        # Alert channels: the address is the secret.
        r"(https?://hooks\.slack\.com/(?:services|workflows|triggers)/)[^\s\"'<>]+",
        r"(https?://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/)[^\s\"'<>]+",
        r"(https?://api\.telegram\.org/(?:file/)?bot)[^/\s\"'<>]+",
        r"((?:tgram|slack|discord|jsons?|xmls?|ntfys?)://)[^\s\"'<>]+",
        r"\b(hvs\.|hvb\.|s\.)[A-Za-z0-9_-]{20,}",
    )
)
_hidden: set[str] = set()

bind = structlog.contextvars.bind_contextvars
unbind = structlog.contextvars.unbind_contextvars


def hide(*values: str | None) -> None:
    """Blank these values out of every later line, however they are quoted there.

    Short ones are left: they would blank ordinary words.
    """
    for value in values:
        if value and len(value) >= 6:
            quoted = (
                quote(value, safe=""),
                quote(value),
                quote_plus(value),
                json_text.dumps(value)[1:-1],
                repr(value)[1:-1],
            )
            _hidden.update((value, *quoted))


def blank(text: str) -> str:
    """`text` without hidden values, and otherwise as it is: for what is stored."""
    for value in sorted(_hidden, key=len, reverse=True):
        text = text.replace(value, BLANK)
    return text


def redact(text: str) -> str:
    """`text` without hidden values, and without what stands where a secret would: for what is shown."""
    text = blank(text)
    for place in _PLACES:
        text = place.sub(lambda found: BLANK.join((found[1], found[2] if found.re.groups > 1 else "")), text)
    return text


def _redact_value(name: str, value: Any) -> Any:
    if _SECRET_NAME.search(name) and value is not None:
        return BLANK
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {redact(str(k)): _redact_value(str(k), v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_redact_value("", v) for v in value]
    if isinstance(value, (int, float, bool, type(None))):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return redact(bytes(value).decode("utf-8", "backslashreplace"))
    return redact(str(value))


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor: runs last before rendering, after the traceback has become text."""
    return {name: _redact_value(name, value) for name, value in event.items()}


def redacted_traceback(error: BaseException) -> str:
    """A traceback with its whole chain, and without local variables or secrets."""
    return redact("".join(traceback.format_exception(error)))


class _Libraries(logging.StreamHandler[Any]):
    """What libraries log by the standard library, warnings included, as text without secrets."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    @property
    def stream(self) -> Any:
        """Standard error as it is now: whoever captured it before may have closed it."""
        return sys.stderr

    @stream.setter
    def stream(self, _value: Any) -> None:
        """Never another one."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, the exception's chain included."""
        return redact(super().format(record))


class _StandardError:
    """Standard error as it is at each line: whoever captured it before may have closed it. A full disk or a closed pipe
    behind it ends nothing: what is logged is logged for whoever reads, and what goes on has to go on (I26)."""

    def write(self, text: str) -> None:
        """A line."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Behind it."""
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


_STANDARD_ERROR = cast("TextIO", _StandardError())


def guard() -> None:
    """Close, for this process, the ways to standard error that are not ours: libraries' loggers, warnings, exceptions
    nobody caught. Called once by the entry point.
    """

    def uncaught(kind: type[BaseException], error: BaseException | None, _trace: object = None) -> None:
        sys.stderr.write(redacted_traceback(error) if error is not None else f"{kind.__name__}\n")

    logging.getLogger().addHandler(_Libraries())
    logging.captureWarnings(True)
    sys.excepthook = uncaught
    threading.excepthook = lambda about: uncaught(about.exc_type, about.exc_value)
    sys.unraisablehook = lambda about: uncaught(about.exc_type, about.exc_value)


def configure(*, debug: bool = False, json: bool = False, secrets: Iterable[str] = ()) -> None:
    """Set logging up for this process; called once by the command line. `json`: one object a line.

    A person at a terminal is told what happened by the command itself, so only warnings stand beside it there; a
    service that logs JSON keeps every line.
    """
    hide(*secrets)
    level = logging.DEBUG if debug else logging.INFO if json else logging.WARNING
    renderer: Any = (
        structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            redact_event,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.PrintLogger(_STANDARD_ERROR),
        cache_logger_on_first_use=False,
    )


def is_json() -> bool:
    """Whether lines are JSON, as `configure` was told; before it they are not."""
    return isinstance(structlog.get_config()["processors"][-1], structlog.processors.JSONRenderer)


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines carry `component=name`."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(component=name))
