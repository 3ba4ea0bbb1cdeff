"""One module per command, listed in runner.cli.COMMANDS: a function `command`, or a group's `app`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import typer


def show_json(data: Mapping[str, Any] | list[Any]) -> None:
    """Print for a script: one JSON document, keys as they come, what JSON has no type for as text."""
    typer.echo(json.dumps(data, indent=2, default=str))
