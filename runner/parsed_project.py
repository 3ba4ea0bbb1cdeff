"""The parsed dbt project, kept on disk so that the next process does not parse it again (several seconds of its start).

One file, RUNNER_HOME/dbt/parsed_project: a line with format, key and SHA-256 of what follows, then dbt's manifest in
the encoding dbt itself keeps one in. The key is a digest of everything parsing reads, so what is found under it is what
a parse would give. The file saves time and nothing else: where it is missing, damaged, of another key or cannot be
written, the project is parsed. It is replaced whole, by rename: a reader gets the old file or the new one.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from runner import environment
from runner.log import get_logger

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

#: First word of the file; another layout takes another number.
FORMAT = "mini-quant-fund-dbt-1"

#: What parses, brings macros of its own, or encodes.
DISTRIBUTIONS = ("dbt-core", "dbt-adapters", "dbt-common", "dbt-postgres", "mashumaro", "msgpack")

#: Where the server is: what is connected to, and nothing a node can be parsed from (no file of dbt/ reads target.host).
CONNECTION = frozenset({"FUND_DBT_HOST", "FUND_DBT_PORT"})

#: Folders of dbt/ that dbt writes and never reads.
OUTPUTS = frozenset({"target", "logs"})

log = get_logger("transform")


def key(values: Mapping[str, str], arguments: Sequence[str]) -> str | None:
    """SHA-256 over what parsing reads: the files of dbt/, versions, profile and environment, the command's arguments.

    `values` is what runner.environment gives, `arguments` those that say what is parsed, not where anything is written.
    The password and where the server is are left out: no node can depend on them, and a digest of a password has no
    business on disk. None where a file cannot be read: nothing is looked up or kept then, and dbt says why.
    """
    names = {**os.environ, **values}
    profile = sorted(
        (name, value)
        for name, value in names.items()
        if name.startswith(("DBT_", "FUND_DBT_")) and not name.startswith("DBT_ENV_SECRET") and name not in CONNECTION
    )
    try:
        files = [
            (path.relative_to(environment.DBT).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
            for path in _files()
        ]
    except OSError:
        return None
    versions = [(name, version(name)) for name in DISTRIBUTIONS]
    everything = json.dumps([FORMAT, versions, profile, list(arguments), files])
    return hashlib.sha256(everything.encode()).hexdigest()


def sources_sha256() -> str | None:
    """SHA-256 over the project's files and their names; None where one cannot be read."""
    digest = hashlib.sha256()
    try:
        for path in _files():
            body = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{path.relative_to(environment.DBT).as_posix()} {body}\n".encode())
    except OSError:
        return None
    return digest.hexdigest()


def _files() -> Iterator[Path]:
    """The project's files in a fixed order."""
    for folder, folders, names in os.walk(environment.DBT):
        top = Path(folder) == environment.DBT
        folders[:] = sorted(f for f in folders if not f.startswith((".", "__")) and not (top and f in OUTPUTS))
        yield from (Path(folder) / name for name in sorted(names) if not name.startswith("."))


def path(home: Path) -> Path:
    """Where the project parsed last is kept under RUNNER_HOME."""
    return home / "dbt" / "parsed_project"


def read(home: Path, wanted: str) -> Manifest | None:
    """What was kept under the key `wanted`; None where it is anything else, with a warning where it is damaged."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    try:
        head, _, body = path(home).read_bytes().partition(b"\n")
    except FileNotFoundError:
        return None
    except OSError as error:
        log.warning("parsed_project_unreadable", reason=str(error))
        return None
    if head.split(b" ")[:2] != _head(wanted, b"").split(b" ")[:2]:
        return None  # another project, profile or version: the usual reason
    try:
        if head != _head(wanted, body):
            raise ValueError("its digest is not that of its content")
        return Manifest.from_msgpack(body, decoder=extended_mashumuro_decoder)
    except Exception as error:  # whatever a decoder of somebody else's raises: parsing is always right
        log.warning("parsed_project_damaged", file=str(path(home)), reason=str(error))
        return None


def keep(home: Path, wanted: str, manifest: Manifest) -> None:
    """Keep `manifest` under its key for the next process; a disk that refuses is a warning, no error."""
    from dbt.parser.manifest import extended_mashumaro_encoder

    body = manifest.to_msgpack(extended_mashumaro_encoder)
    target = path(home)
    written = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=target.name + ".", dir=target.parent)
        written = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_head(wanted, body) + b"\n" + body)
        written.replace(target)
    except OSError as error:
        log.warning("parsed_project_not_kept", reason=str(error))
        if written is not None:
            written.unlink(missing_ok=True)


def _head(wanted: str, body: bytes) -> bytes:
    return f"{FORMAT} {wanted} {hashlib.sha256(body).hexdigest()}".encode("ascii")
