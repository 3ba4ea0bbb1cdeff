"""The only importer of psycopg: connections by role, named queries, arrays, and errors with their remedy.

SQL text that Python sends stands in runner/queries/<noun>.sql as blocks headed `-- name: verb`; it is called by its
full name ("market.panel"). Parameters are named: `%(symbol)s`. What a query gives back:

* float8 -> float, float8[] -> numpy float64 array of shape (n,) (SQL NULL as NaN), numeric -> Decimal,
  date, timestamptz -> datetime types, json -> Python objects.

A NaN that is not in an array is refused: a float NaN silently becomes numeric NaN, which sorts above everything.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias
from urllib.parse import quote, urlencode

import numpy as np
import psycopg
import psycopg.conninfo
from numpy.typing import NDArray
from psycopg import Rollback
from psycopg.adapt import AdaptersMap, Buffer, Dumper, Loader
from psycopg.pq import Format
from psycopg.rows import dict_row, tuple_row
from psycopg.types.json import Jsonb

from runner import embedded, log, passwords, settings, vault
from runner.errors import DatabaseUnreachable, FundError, SettingsError, UsageError, error_class

__all__ = [
    "Connection",
    "Jsonb",
    "Rollback",
    "as_json",
    "connect",
    "copy_binary",
    "copy_out",
    "copy_rows",
    "execute",
    "fetch_all",
    "fetch_one",
    "fetch_value",
    "none_if_nan",
    "sql",
]

#: A connection whose rows are dictionaries.
Connection: TypeAlias = psycopg.Connection[dict[str, Any]]

#: The deployer: the embedded cluster's superuser, or DATABASE_URL's user.
DEPLOYER = "deployer"

_FLOAT8 = 701
_FLOAT8_ARRAY = 1022
_ELEMENT = np.dtype([("length", ">i4"), ("value", ">f8")])
_HEADER = struct.Struct("!iiIii")  # dimensions, has nulls, element type, length, lower bound


class _ArrayDumper(Dumper):
    """numpy float64 of shape (n,) -> float8[], binary: two copies, no Python float per element."""

    format = Format.BINARY
    oid = _FLOAT8_ARRAY

    def dump(self, obj: NDArray[np.float64]) -> bytes:
        if obj.ndim != 1 or obj.dtype.kind != "f":
            raise UsageError(f"an array parameter must be float of shape (n,), not {obj.dtype} of shape {obj.shape}")
        if not len(obj):
            return struct.pack("!iiI", 0, 0, _FLOAT8)
        body = np.empty(len(obj), dtype=_ELEMENT)
        body["length"] = 8
        body["value"] = obj
        return _HEADER.pack(1, 0, _FLOAT8, len(obj), 1) + body.tobytes()


class _ArrayLoader(Loader):
    """float8[] -> numpy float64 of shape (n,), binary; SQL NULL becomes NaN."""

    format = Format.BINARY

    def load(self, data: Buffer) -> NDArray[np.float64]:
        raw = bytes(data)
        dimensions, nulls, _ = struct.unpack_from("!iiI", raw)
        if dimensions == 0:
            return np.empty(0, dtype=np.float64)
        if dimensions != 1:
            raise UsageError(f"a float8[] of {dimensions} dimensions was sent; only one is read")
        (count,) = struct.unpack_from("!i", raw, 12)
        if not nulls:
            return np.frombuffer(raw, dtype=_ELEMENT, count=count, offset=_HEADER.size)["value"].astype(np.float64)
        values = np.full(count, np.nan)
        offset = _HEADER.size
        for i in range(count):
            (length,) = struct.unpack_from("!i", raw, offset)
            offset += 4
            if length == 8:
                (values[i],) = struct.unpack_from("!d", raw, offset)
                offset += 8
        return values


class _TextArrayLoader(Loader):
    """float8[] -> numpy float64 of shape (n,), from the text format."""

    format = Format.TEXT

    def load(self, data: Buffer) -> NDArray[np.float64]:
        inner = bytes(data).decode("ascii")[1:-1]
        words = inner.split(",") if inner else []
        return np.array([math.nan if word == "NULL" else float(word) for word in words], dtype=np.float64)


def _register(adapters: AdaptersMap) -> None:
    adapters.register_dumper(np.ndarray, _ArrayDumper)
    adapters.register_loader(_FLOAT8_ARRAY, _ArrayLoader)
    adapters.register_loader(_FLOAT8_ARRAY, _TextArrayLoader)


# -- errors ----


#: What a server, or the way to it, says when it refuses a connection, and what then helps; the first that fits.
_REFUSALS = (
    (
        r'"fund_operator_([a-z0-9]+)"',
        r"`python -m runner operator list` says who may log in; `operator add \1` gives a new password.",
    ),
    (r'for user "fund_', "`python -m runner deploy` sets the roles' passwords; see FUND_<ROLE>_PASSWORD."),
    (r"password|authentication", "The deployer's password stands in DATABASE_URL, or in POSTGRES_PASSWORD."),
    (
        r"SSL|certificate",
        "A server elsewhere is asked for TLS and its certificate: give sslrootcert=/path/to/ca.pem in "
        "DATABASE_URL, or say another sslmode there.",
    ),
    (r'database ".*" does not exist', "`python -m runner deploy` makes it, where DATABASE_URL names the right one."),
)


def _unreachable(text: str) -> DatabaseUnreachable:
    """What libpq says of a connection that failed: its last line that is no question, and what helps."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.rstrip().endswith("?")]
    told = lines[-1] if lines else None
    for pattern, remedy in _REFUSALS:
        if found := re.search(pattern, text):
            return DatabaseUnreachable(told, found.expand(remedy))
    return DatabaseUnreachable(told)


def translate(error: psycopg.Error) -> FundError:
    """The error of ours for one of psycopg's: class by SQLSTATE, message, DETAIL, and HINT as remedy."""
    if error.sqlstate is None and isinstance(error, psycopg.OperationalError):
        return _unreachable(str(error))
    diagnostic = error.diag
    return error_class(error.sqlstate)(
        diagnostic.message_primary or str(error).strip() or None,
        diagnostic.message_hint,
        code=error.sqlstate,
        detail=diagnostic.message_detail,
    )


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Turn psycopg's errors inside the block into ours."""
    try:
        yield
    except psycopg.Error as error:
        raise translate(error) from error


# -- connections ----


def conninfo(role: str, dbname: str | None = None, *, config: settings.Settings | None = None) -> str:
    """Connection string of a login role or the deployer; `dbname` overrides the database's name."""
    config = config or settings.load()
    if config.embedded:
        name = embedded.SUPERUSER if role == DEPLOYER else role
        return embedded.Cluster(config.runner_home).dsn(name, dbname or settings.DATABASE)
    url = config.deployer_url() if role == DEPLOYER else config.server_url()
    extra: dict[str, str] = {"dbname": dbname} if dbname else {}
    if role != DEPLOYER:
        password = passwords.find(config.runner_home, role)
        if password is None:
            raise passwords.absent(role)
        extra |= {"user": role, "password": password}
    return psycopg.conninfo.make_conninfo(url, **_tls(url), **extra)


def _tls(url: str) -> dict[str, str]:
    """What a connection that leaves this machine adds: libpq's own default would go on in the clear where TLS fails.

    Raises: SettingsError for a mode that only looks like TLS.
    """
    try:
        found = psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # its words repeat a part of what it was given, which may be the password
        raise SettingsError("DATABASE_URL: has a % that stands for nothing, or an option libpq does not know") from None
    hosts = str(found.get("hostaddr") or found.get("host") or "").split(",")
    if all(not host or host.startswith(("/", "@")) or host in ("127.0.0.1", "::1", "localhost") for host in hosts):
        return {}
    mode = found.get("sslmode") or os.environ.get("PGSSLMODE")
    if mode in ("allow", "prefer"):
        raise SettingsError(
            f"DATABASE_URL: sslmode {mode} sends everything in the clear where TLS is not offered",
            "Say verify-full (the default for another host), require, or disable where that is meant.",
        )
    if mode:
        return {}
    authority = found.get("sslrootcert") or os.environ.get("PGSSLROOTCERT")
    return {"sslmode": "verify-full"} | ({} if authority else {"sslrootcert": "system"})


def has_password(role: str, config: settings.Settings) -> bool:
    """Whether this process may connect as a login role."""
    return passwords.find(config.runner_home, role) is not None


def parameters(role: str, config: settings.Settings | None = None) -> dict[str, str]:
    """Host, port, database, user and password of a role's connection, all present."""
    found = {k: str(v) for k, v in psycopg.conninfo.conninfo_to_dict(conninfo(role, config=config)).items()}
    return {"host": "localhost", "port": "5432", "dbname": found.get("user", ""), "password": ""} | found


def url(role: str) -> str:
    """Connection URL of a role, password included."""
    found = parameters(role)
    user, password, dbname = (quote(found[k], safe="") for k in ("user", "password", "dbname"))
    rest = {k: v for k, v in found.items() if k not in ("user", "password", "dbname")}
    return f"postgresql://{user}:{password}@/{dbname}?{urlencode(rest, safe='/')}"


def open_connection(
    role: str, dbname: str | None = None, *, autocommit: bool = False, start: bool = True
) -> Connection:
    """An open connection; on the embedded engine the server is started where it is not running, unless not `start`.

    Raises: DatabaseUnreachable (exit 16), SettingsError.
    """
    config = settings.load()
    cluster = embedded.Cluster(config.runner_home) if config.embedded else None
    if cluster is not None and not cluster.running():
        if not start:
            raise DatabaseUnreachable("the embedded server is stopped", "`python -m runner db up` starts it.")
        cluster.up()
    with translated():
        try:
            connection = _open(conninfo(role, dbname, config=config), role, autocommit)
        except psycopg.OperationalError as error:
            variable = "POSTGRES_PASSWORD" if role == DEPLOYER else settings.password_variable(role)
            if "authentication failed" in str(error) and vault.forget(variable):
                # Changed in Vault since it was read.
                return open_connection(role, dbname, autocommit=autocommit, start=start)
            # Its socket is there before its recovery is over; `up` waits for that, however long it takes.
            if cluster is None or not start or "the database system is" not in str(error):
                raise
            cluster.up()
            connection = _open(conninfo(role, dbname, config=config), role, autocommit)
    _register(connection.adapters)
    return connection


def _open(target: str, role: str, autocommit: bool) -> Connection:
    return psycopg.connect(
        target,
        autocommit=autocommit,
        row_factory=dict_row,
        connect_timeout=10,
        application_name=f"mini-quant-fund {role}",
    )


@contextlib.contextmanager
def connect(
    role: str, autocommit: bool = False, *, dbname: str | None = None, read_only: bool = False, start: bool = True
) -> Iterator[Connection]:
    """A connection for the block: committed at its end, rolled back on an exception, closed in any case.

    read_only: the server refuses whatever would write, and a transaction sees one snapshot. start: as open_connection.
    Errors of the database leave the block as runner.errors classes.
    """
    with translated(), open_connection(role, dbname, autocommit=autocommit, start=start) as connection:
        if read_only:
            execute(connection, "ops.read_only")
            connection.commit()  # it holds for the transactions that begin after it
        yield connection


# -- named queries ----

_NAME = re.compile(r"^-- name: *([a-z0-9_]+)[ \t]*$", re.MULTILINE)


@cache
def _queries(noun: str) -> Mapping[str, str]:
    path = files("runner") / "queries" / f"{noun}.sql"
    parts = _NAME.split(path.read_text(encoding="utf-8"))
    return {name: body.strip().rstrip(";") for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def sql(name: str) -> str:
    """Text of the query "noun.verb" of runner/queries/noun.sql."""
    noun, _, verb = name.partition(".")
    return _queries(noun)[verb]


def none_if_nan(value: Any) -> Any:
    """None for NaN, pd.NaT and pd.NA, else the value: for a column that is really nullable."""
    if type(value).__name__ in ("NaTType", "NAType") or (isinstance(value, float) and math.isnan(value)):
        return None
    return value


def as_json(value: Any) -> str:
    """Canonical JSON for a jsonb parameter: a non-finite number raises instead of becoming a NULL or a string."""

    def plain(item: Any) -> Any:
        if is_dataclass(item) and not isinstance(item, type):
            return asdict(item)
        if isinstance(item, Mapping):
            return dict(item)
        if isinstance(item, (np.floating, np.integer, np.bool_)):
            return item.item()
        if isinstance(item, (date, datetime)):
            return item.isoformat()
        if isinstance(item, Decimal):
            return str(item)
        raise TypeError(f"{type(item).__name__} has no JSON form")

    try:
        return json.dumps(value, default=plain, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except ValueError as error:
        raise FundError(f"a number that is not finite was about to be stored: {error}") from error


def _checked(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    for key, value in params.items():
        values: Iterable[Any] = value if isinstance(value, (list, tuple)) else (value,)
        for item in values:
            infinite = isinstance(item, float) and math.isinf(item)
            if infinite or (item is not None and none_if_nan(item) is None):
                raise UsageError(f"{name}: parameter {key} is {item}", "Use db.none_if_nan where NULL is meant.")
            if isinstance(item, int) and abs(item) >= 2**63:
                raise UsageError(f"{name}: parameter {key} is {item}", "A whole number has at most 64 bits.")
    # Reasons and details of a failure are stored for ever; an error's words may carry what it was given (I27).
    return {key: log.blank(value) if isinstance(value, str) else value for key, value in params.items()}


def _run(connection: Connection, name: str, params: Mapping[str, Any]) -> psycopg.Cursor[dict[str, Any]]:
    with translated():
        cursor = connection.cursor(binary=True)
        try:
            # Without parameters too: else %% would stay two signs.
            return cursor.execute(sql(name), _checked(name, params))
        except UnicodeEncodeError as error:  # a word of the command line that was typed in another encoding
            raise UsageError(f"{name}: {error.object!a} is not UTF-8", "Write it as UTF-8.") from error


def fetch_all(connection: Connection, name: str, /, **params: Any) -> list[dict[str, Any]]:
    """All rows of a named query, as dictionaries."""
    with translated(), _run(connection, name, params) as cursor:
        return cursor.fetchall()


def fetch_one(connection: Connection, name: str, /, **params: Any) -> dict[str, Any]:
    """The one row of a named query. Raises: FundError where there is none or more than one."""
    rows = fetch_all(connection, name, **params)
    if len(rows) != 1:
        raise FundError(f"{name} gave {len(rows)} rows where one was expected")
    return rows[0]


def fetch_value(connection: Connection, name: str, /, **params: Any) -> Any:
    """The one value of a named query's one row."""
    row = fetch_one(connection, name, **params)
    if len(row) != 1:
        raise FundError(f"{name} gave {len(row)} columns where one was expected")
    return next(iter(row.values()))


def execute(connection: Connection, name: str, /, **params: Any) -> int:
    """Run a named query for its effect; the number of rows it touched."""
    with _run(connection, name, params) as cursor:
        return cursor.rowcount


def copy_rows(connection: Connection, name: str, rows: Iterable[Sequence[Any]], types: Sequence[str]) -> int:
    """COPY rows in binary through a named `copy … from stdin (format binary)`; how many were sent.

    `types` are the columns' type names, in order. NaN in a float8 column goes through: the routine that takes the
    landing rows quarantines it with a reason.
    """
    count = 0
    with translated(), connection.cursor() as cursor, cursor.copy(sql(name)) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def copy_binary(connection: Connection, name: str, data: bytes) -> None:
    """COPY rows already encoded in PostgreSQL's binary format through a named `copy … from stdin (format binary)`."""
    with translated(), connection.cursor() as cursor, cursor.copy(sql(name)) as copy:
        copy.write(data)


def copy_out(connection: Connection, name: str, /, **params: Any) -> Iterator[tuple[bytes | None, ...]]:
    """Rows of a named `copy … to stdout (format binary)`, field by field as the server sent them: no setting of the
    session and no conversion stands between.
    """
    with translated(), connection.cursor() as cursor, cursor.copy(sql(name), _checked(name, params) or None) as copy:
        yield from copy.rows()


def copy_between(source: Connection, read: str, target: Connection, write: str) -> int:
    """Rows from one database into another by two `copy … (format binary)` statements; how many."""
    with translated(), source.cursor() as giver, target.cursor() as taker:
        with giver.copy(read.encode()) as out, taker.copy(write.encode()) as into:
            for data in out:
                into.write(data)
        return taker.rowcount


# -- deploy's own ----


def database_name(dbname: str | None = None) -> str:
    """Name of the configured database, or `dbname`."""
    return str(psycopg.conninfo.conninfo_to_dict(conninfo(DEPLOYER, dbname)).get("dbname", settings.DATABASE))


@contextlib.contextmanager
def savepoint(connection: Connection) -> Iterator[None]:
    """A savepoint around the block: an error undoes the block only."""
    with connection.transaction():
        yield


def execute_text(connection: Connection, source: str, text: str) -> None:
    """Run statements read from `source`, a file or what made them; an error names it and the line.

    Raises: FundError's class for the SQLSTATE.
    """
    fetch_text(connection, source, text)


def fetch_text(connection: Connection, source: str, text: str) -> list[dict[str, Any]]:
    """`execute_text`, giving the rows of the last statement where it has any."""
    results = _script(connection, source, text)
    names, rows = results[-1] if results else ([], [])
    return [dict(zip(names, row, strict=True)) for row in rows]


def script_values(connection: Connection, source: str, text: str) -> list[Any]:
    """Every value of every row of every statement of a script, in order: what pgTAP prints."""
    return [value for _, rows in _script(connection, source, text) for row in rows for value in row]


def _script(connection: Connection, source: str, text: str) -> list[tuple[list[str], list[tuple[Any, ...]]]]:
    """Column names and rows of every statement."""
    try:
        with connection.cursor(row_factory=tuple_row) as cursor:
            return [
                ([column.name for column in result.description], result.fetchall()) if result.description else ([], [])
                for result in cursor.execute(text).results()
            ]
    except psycopg.Error as error:
        known = translate(error)
        position = error.diag.statement_position
        line = f":{text[: int(position) - 1].count(chr(10)) + 1}" if position else ""
        known.message = f"{source}{line}: {known.message}"
        raise known from error


def scram_verifier(connection: Connection, role: str, password: str) -> str:
    """What the server stores for a password: computed here, so that the password never reaches its log."""
    return connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode("ascii")
