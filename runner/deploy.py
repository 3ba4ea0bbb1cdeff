"""`deploy`: brings a database to the state of sql/, in one transaction, under a lock.

The order is sql/ORDER's. Migrations are applied once and their hash kept; everything else is re-applied whenever
anything differs, from the files or from what somebody changed in the catalog by hand. Twice does nothing. Roles are
cluster-wide and locks are not, so two databases of one cluster can collide on a role's row; the whole transaction is
then repeated.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from runner import __version__, db, passwords, settings, versions
from runner.errors import DeployError, ExitCode, FundError, IntegrityError

ROOT = Path(__file__).resolve().parents[1]
SQL = ROOT / "sql"

Result = TypeVar("Result")

#: Schemas whose content is deploy's alone, and those dbt builds in (ARCHITECTURE 4).
SQL_SCHEMAS = ["ops", "ref", "market", "calc", "govern", "decide", "trade", "notify", "audit"]
DBT_SCHEMAS = ["staging", "quality", "features", "mart"]

#: Folders applied as the deployer; the others as fund_owner, who so owns what they make.
AS_DEPLOYER = frozenset({"bootstrap", "timescale"})

#: SQLSTATEs of two first deploys meeting in bootstrap/: unique violation, duplicate object, schema, table.
COLLISIONS = frozenset({"23505", "42710", "42P06", "42P07"})
ATTEMPTS = 60

#: A file that cannot replace what is there: another result or parameter name, another kind of routine, or a name that
#: stands for two while the old argument list is still there.
CANNOT_REPLACE = frozenset({"42P13", "42809", "42725"})


@dataclass(frozen=True)
class File:
    """A file of sql/: its folder, its path below sql/, its text and the SHA-256 of its bytes."""

    folder: str
    path: str
    text: str
    sha256: str

    @property
    def stem(self) -> str:
        """File name without `.sql`: a routine's qualified name."""
        return Path(self.path).name.removesuffix(".sql")


@dataclass(frozen=True)
class Report:
    """What a deploy did. Paths are below sql/; `dropped` are signatures of routines no file stands for.

    dbt_tables_dropped: tables of dbt's that a migration dropped; the next run of dbt makes them anew, nobody else does.
    """

    database: str
    kind: str
    applied: tuple[str, ...]
    migrations: tuple[str, ...]
    dropped: tuple[str, ...]
    dbt_views_dropped: int
    dbt_tables_dropped: tuple[str, ...]
    passwords_set: tuple[str, ...]
    deploy_id: int

    @property
    def nothing(self) -> bool:
        """Whether the database was already in the state of sql/."""
        return not (self.applied or self.dropped or self.passwords_set)


def tree(root: Path = SQL) -> list[File]:
    """Every file of sql/ in the order it is applied: folders as ORDER says, files by the bytes of their names."""
    files = []
    for folder in (root / "ORDER").read_text(encoding="ascii").split():
        for path in sorted((root / folder).glob("*.sql"), key=lambda p: p.name.encode()):
            body = path.read_bytes()
            files.append(File(folder, f"{folder}/{path.name}", body.decode("utf-8"), hashlib.sha256(body).hexdigest()))
    return files


def deploy(*, simulated: bool = False, dbname: str | None = None, root: Path = SQL) -> Report:
    """Deploy sql/ to the configured database, creating it where it is missing.

    `simulated` counts at the first deploy only; on a database that is real it is refused (MQ004).
    Raises: DeployError (exit 12) naming the file; DatabaseUnreachable (exit 16).
    """
    config = settings.load()
    files = tree(root)
    _retried(lambda: _ensure_database(dbname))
    report = _retried(lambda: _deploy_once(files, simulated=simulated, dbname=dbname))
    changed = _ensure_passwords(config, dbname)
    with db.connect(db.DEPLOYER, dbname=dbname) as connection:
        _check_authentication(connection)
    return Report(**{**vars(report), "passwords_set": tuple(changed)})


def drift(
    connection: db.Connection, root: Path = SQL, *, catalog: bool = True, files: Sequence[File] | None = None
) -> list[str]:
    """How the database differs from sql/ as it stands here; empty where it does not. Needs select on ops' ledger.

    files: sql/ as a process read it at its start, which the folder may not be any more.
    catalog: whether what stands in the database is looked at too, and not only which files it was made from.
    """
    if not db.fetch_value(connection, "deploy.instance_of_fund"):
        return ["this database was never deployed"]
    stored = {row["path"]: row["sha256"] for row in db.fetch_all(connection, "deploy.ledger")}
    here = {file.path: file.sha256 for file in (tree(root) if files is None else files)}
    found = [f"sql/{path} is not deployed" for path in here if path not in stored]
    found += [
        f"sql/{path} differs from what is deployed" for path in here if stored.get(path, here[path]) != here[path]
    ]
    found += [f"{path} is deployed but not in sql/" for path in stored if path not in here]
    if catalog and _catalog_changed(connection):
        found.append("routines, relations or privileges were changed in the database by hand")
    return found


def require_deployed(connection: db.Connection, *, catalog: bool = True, files: Sequence[File] | None = None) -> None:
    """Raises: IntegrityError (exit 12) where the database is not in the state of sql/ (I32): it may be another's."""
    differences = drift(connection, catalog=catalog, files=files)
    if differences:
        more = f" and {len(differences) - 1} more" if len(differences) > 1 else ""
        raise IntegrityError(
            f"the database is not as deployed: {differences[0]}{more}",
            "`python -m runner doctor` lists every difference, `python -m runner deploy` ends them.",
        )


def _collided(error: FundError) -> bool:
    """Whether another deploy was in the way, rather than a mistake of ours that a repetition would repeat."""
    if error.code == "XX000":
        return "tuple concurrently" in error.message
    # Serialization failure, deadlock, template database in use, a role's connections all taken.
    if error.code in ("40001", "40P01", "55006", "53300"):
        return True
    return error.code in COLLISIONS and error.message.startswith("bootstrap/")


def _retried(action: Callable[[], Result]) -> Result:
    for attempt in range(ATTEMPTS):
        try:
            return action()
        except FundError as error:
            if not _collided(error) or attempt == ATTEMPTS - 1:
                raise
            # Who collides again waits longer; the spread keeps twenty from meeting at the same instant again.
            time.sleep(random.uniform(0.02, 0.1 * min(attempt + 1, 10)))
    raise AssertionError("unreachable")


def _ensure_database(dbname: str | None) -> None:
    """Create the database where it does not exist."""
    try:
        db.open_connection(db.DEPLOYER, dbname).close()
        return
    except FundError as error:
        name = db.database_name(dbname)
        if f'database "{name}" does not exist' not in error.message:
            raise
    with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
        statement = db.fetch_value(connection, "deploy.create_database_statement", name=name)
        try:
            db.execute_text(connection, "create database", statement)
        except FundError as error:
            if error.code not in ("42P04", "23505"):  # made by another deploy meanwhile
                raise


def _deploy_once(files: list[File], *, simulated: bool, dbname: str | None) -> Report:
    with db.connect(db.DEPLOYER, dbname=dbname) as connection:
        db.fetch_one(connection, "deploy.settle_session")
        stored: dict[str, str] = {}
        last_id = 0
        if db.fetch_value(connection, "deploy.instance_of_fund"):
            _require_roles_restored(connection)
            db.execute(connection, "deploy.lock_ledger")
            stored = {row["path"]: row["sha256"] for row in db.fetch_all(connection, "deploy.ledger")}
            last = db.fetch_all(connection, "deploy.last_deploy")
            last_id = last[0]["deploy_id"] if last else 0
        new = _new_migrations(files, stored)
        changed = [f for f in files if stored.get(f.path) != f.sha256]
        gone = sorted(set(stored) - {f.path for f in files})
        if not (changed or gone or _catalog_changed(connection) or _timescaledb_arrived(connection)):
            kind = _check_kind(connection, simulated)
            return Report(connection.info.dbname, kind, (), (), (), 0, (), (), last_id)
        dbt_views, dbt_tables = _drop_views(connection), _dbt_tables(connection)
        dropped: list[str] = []
        for folder in dict.fromkeys(f.folder for f in files):
            mine = [f for f in files if f.folder == folder]
            if folder == "migrations":
                _apply(connection, folder, new)
                kind = _settle_kind(connection, simulated)
            elif folder == "routines":
                dropped = _apply_routines(connection, mine)
            elif folder == "invariants":
                _check_bodies(connection)
                _check_invariants(connection, mine)
            else:
                _apply(connection, folder, mine)
        deploy_id = _record(connection, files, gone)
        applied = tuple(f.path for f in files if f.folder != "migrations" or f in new)
        tables_dropped = tuple(sorted(dbt_tables - _dbt_tables(connection)))
        migrations = tuple(f.path for f in new)
        return Report(
            connection.info.dbname, kind, applied, migrations, tuple(dropped), dbt_views, tables_dropped, (), deploy_id
        )


def _require_roles_restored(connection: db.Connection) -> None:
    """Raises: DeployError (MQ006) where a dump was restored without the roles that own what is in it."""
    owner = db.fetch_value(connection, "deploy.owner_of_ledger")
    if owner != "fund_owner":
        raise DeployError(
            "the fund's relations are not fund_owner's: a dump was restored without its roles",
            "Nothing was changed. Drop this database, make the roles first (`pg_dumpall --roles-only "
            "--no-role-passwords`), restore the dump into a new one with --exit-on-error, deploy again.",
            code="MQ006",
            detail=f"relation=ops.deploys owner={owner}",
        )


def _new_migrations(files: list[File], stored: dict[str, str]) -> list[File]:
    """Migrations still to be applied.

    Raises: DeployError where an applied one was changed (MQ001), is gone (MQ002), or was overtaken (MQ003).
    """
    here = {f.path: f for f in files if f.folder == "migrations"}
    applied = sorted(path for path in stored if path.startswith("migrations/"))
    for path in applied:
        if path not in here:
            raise DeployError(
                "an applied migration is missing", f"Restore sql/{path}.", code="MQ002", detail=f"file={path}"
            )
        if here[path].sha256 != stored[path]:
            raise DeployError(
                "an applied migration was edited",
                f"Restore sql/{path} and put the change into a new migration.",
                code="MQ001",
                detail=f"file={path} deployed={stored[path][:12]} here={here[path].sha256[:12]}",
            )
    new = [f for path, f in here.items() if path not in stored]
    if applied and new and new[0].path < applied[-1]:
        raise DeployError(
            "a new migration is numbered below one already applied",
            f"Give sql/{new[0].path} a number above {applied[-1]}.",
            code="MQ003",
            detail=f"file={new[0].path}",
        )
    return new


def _catalog_sha256(connection: db.Connection) -> str:
    db.fetch_one(connection, "deploy.pin_search_path")
    value: str = db.fetch_value(connection, "deploy.catalog_sha256", schemas=SQL_SCHEMAS)
    return value


def _catalog_changed(connection: db.Connection) -> bool:
    """Whether definitions or privileges differ from what the last deploy left. False before the first."""
    if not db.fetch_value(connection, "deploy.instance_of_fund"):
        return False
    last = db.fetch_all(connection, "deploy.last_deploy")
    return not last or last[0]["catalog_sha256"] != _catalog_sha256(connection)


def _timescaledb_arrived(connection: db.Connection) -> bool:
    """Whether the extension can be had now and was not there at the last deploy."""
    if not db.fetch_value(connection, "deploy.instance_of_fund"):
        return False
    last = db.fetch_all(connection, "deploy.last_deploy")
    return (
        bool(last) and not last[0]["timescaledb_version"] and db.fetch_value(connection, "deploy.timescaledb_available")
    )


def _apply(connection: db.Connection, folder: str, files: Sequence[File]) -> None:
    if folder not in AS_DEPLOYER:
        db.execute(connection, "deploy.become_owner")
    for file in files:
        db.execute_text(connection, file.path, file.text)
    db.execute(connection, "deploy.become_deployer")


def _drop_views(connection: db.Connection) -> int:
    """Drop dbt's views, which can stand in a migration's way, and ours, which are made again; how many were dbt's."""
    counts = []
    for schemas in (DBT_SCHEMAS, SQL_SCHEMAS):
        found = db.fetch_one(connection, "deploy.drop_views_statement", schemas=schemas)
        counts.append(found["views"])
        if found["statement"]:
            db.execute_text(connection, "views", found["statement"])
    return int(counts[0])


def _dbt_tables(connection: db.Connection) -> set[str]:
    return {row["name"] for row in db.fetch_all(connection, "deploy.dbt_tables", schemas=DBT_SCHEMAS)}


def _settle_kind(connection: db.Connection, simulated: bool) -> str:
    """Write at the first deploy what this database is; later only check it."""
    db.execute(connection, "deploy.record_instance", kind="simulated" if simulated else "real")
    return _check_kind(connection, simulated)


def _check_kind(connection: db.Connection, simulated: bool) -> str:
    kind: str = db.fetch_value(connection, "deploy.instance_kind")
    if simulated and kind != "simulated":
        raise DeployError(
            "this database is real and stays real",
            "Deploy --simulated to another database: its clock can be moved, this one's never.",
            ExitCode.USAGE,
            code="MQ004",
            detail=f"database={connection.info.dbname} kind={kind}",
        )
    return kind


def _apply_routines(connection: db.Connection, files: list[File]) -> list[str]:
    """Apply every routine's file; then drop every routine no file has touched. Returns the signatures dropped.

    A changed signature cannot be replaced: the old one is dropped first. A changed argument list makes an overload,
    whose older sibling is untouched and so dropped at the end.
    """
    before = db.fetch_all(connection, "deploy.routines", schemas=SQL_SCHEMAS)
    db.execute(connection, "deploy.become_owner")
    db.execute(connection, "deploy.check_bodies_later")
    dropped = []
    for file in files:
        try:
            with db.savepoint(connection):
                db.execute_text(connection, file.path, file.text)
        except FundError as error:
            old = [row for row in before if row["name"] == file.stem]
            if error.code not in CANNOT_REPLACE or not old:
                raise
            for row in old:
                db.execute_text(connection, file.path, row["drop_statement"])
            dropped += old
            db.execute_text(connection, file.path, file.text)
    versions = {row["oid"]: row["version"] for row in before}
    after = db.fetch_all(connection, "deploy.routines", schemas=SQL_SCHEMAS)
    stale = [row for row in after if versions.get(row["oid"]) == row["version"]]
    for row in stale:
        db.execute_text(connection, "routine without a file", row["drop_statement"])
    db.execute(connection, "deploy.check_bodies_now")
    db.execute(connection, "deploy.become_deployer")
    return sorted({row["signature"] for row in dropped + stale})


def _check_bodies(connection: db.Connection) -> None:
    db.execute(connection, "deploy.become_owner")
    db.fetch_all(connection, "deploy.validate_bodies", schemas=SQL_SCHEMAS)
    db.execute(connection, "deploy.become_deployer")


def _check_invariants(connection: db.Connection, files: list[File]) -> None:
    """Run each invariant; a row is a violation and fails the deploy, naming it."""
    for file in files:
        rows = db.fetch_text(connection, file.path, file.text)
        if rows:
            shown = "; ".join(" ".join(str(value) for value in row.values()) for row in rows[:5])
            more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
            raise DeployError(
                f"invariant {file.stem} is violated: {shown}{more}",
                f"Nothing was changed; sql/{file.path} says why it must hold.",
                code="MQ005",
                detail=f"invariant={file.stem} violations={len(rows)}",
            )


def _record(connection: db.Connection, files: list[File], gone: list[str]) -> int:
    deploy_id: int = db.fetch_value(
        connection, "deploy.record_deploy", runner_version=__version__, git_commit=versions.commit()
    )
    db.execute(connection, "deploy.forget_files", paths=gone)
    db.execute(
        connection,
        "deploy.record_files",
        deploy_id=deploy_id,
        paths=[f.path for f in files],
        hashes=[f.sha256 for f in files],
    )
    db.execute(connection, "deploy.record_catalog", deploy_id=deploy_id, catalog_sha256=_catalog_sha256(connection))
    return deploy_id


def _ensure_passwords(config: settings.Settings, dbname: str | None) -> list[str]:
    """Give every login role its password where it cannot log in with it; the roles whose password was set."""
    wanted = passwords.ensure(config.runner_home, settings.LOGIN_ROLES)
    changed = []
    for role in settings.LOGIN_ROLES:
        if not _retried(lambda role=role: _can_log_in(role, dbname)):  # type: ignore[misc]
            _retried(lambda role=role: _set_password(role, wanted[role], dbname))  # type: ignore[misc]
            db.open_connection(role, dbname).close()
            changed.append(role)
    return changed


def _check_authentication(connection: db.Connection) -> None:
    """Every way in is SCRAM's, where the deployer may look (I28). Raises: DeployError (MQ460)."""
    if not db.fetch_value(connection, "deploy.deployer_is_superuser"):
        return
    faults = [row["fault"] for row in db.fetch_all(connection, "deploy.weak_authentication")]
    if faults:
        raise DeployError(
            f"the server lets roles in without SCRAM: {faults[0]}",
            "Set password_encryption and pg_hba.conf to scram-sha-256, reload, deploy again; sql/ itself is deployed.",
            code="MQ460",
            detail=f"faults={len(faults)}",
        )


def _can_log_in(role: str, dbname: str | None) -> bool:
    try:
        db.open_connection(role, dbname).close()
    except FundError as error:
        if "authentication failed" in error.message:
            return False
        raise
    return True


def _set_password(role: str, password: str, dbname: str | None) -> None:
    with db.connect(db.DEPLOYER, dbname=dbname) as connection:
        verifier = db.scram_verifier(connection, role, password)
        statement = db.fetch_value(connection, "deploy.set_password_statement", role=role, verifier=verifier)
        db.execute_text(connection, f"password of {role}", statement)
