"""Logging, set up once: structlog to standard error, cycle_id bound by context, secrets blanked out.

`get_logger(name)` anywhere; `bind(cycle_id=…)` at a cycle's start; `hide(value)` for a secret learnt at run time.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, cast

import structlog

BLANK = "***"
_URL_PASSWORD = re.compile(r"(?P<head>[a-z][a-z0-9+.-]*://[^/\s:@]*:)[^@/\s]+@", re.IGNORECASE)
_SECRET_NAME = re.compile(r"passw|secret|token|api_?key|authorization|webhook|dsn$", re.IGNORECASE)
_hidden: set[str] = set()

bind = structlog.contextvars.bind_contextvars
unbind = structlog.contextvars.unbind_contextvars


def hide(*values: str | None) -> None:
    """Blank these values out of every later line. Short ones are left: they would blank ordinary words."""
    _hidden.update(v for v in values if v and len(v) >= 6)


def redact(text: str) -> str:
    """`text` without passwords in URLs and without hidden values."""
    text = _URL_PASSWORD.sub(rf"\g<head>{BLANK}@", text)
    for value in sorted(_hidden, key=len, reverse=True):
        text = text.replace(value, BLANK)
    return text


def _redact_value(name: str, value: Any) -> Any:
    if _SECRET_NAME.search(name):
        return BLANK
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {k: _redact_value(str(k), v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redact_value("", v) for v in value]
    if isinstance(value, (int, float, bool, type(None))):
        return value
    return redact(str(value))


def redact_event(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog processor: runs last before rendering, after the traceback has become text."""
    return {name: _redact_value(name, value) for name, value in event.items()}


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
        # Looked up at each line: whoever captured the stream before may have closed it.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines carry `component=name`."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(component=name))
