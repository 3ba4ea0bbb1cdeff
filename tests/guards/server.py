"""A server that guards of the database are taken out on: clones of one deployed database, a second each.

A server and a pytest for every guard would take hours. What the suite does is done here in one process: the changed
tree is deployed to a fresh clone, which answers the catalog's listing or the pgTAP files it is asked. Only where the
first deploy alone would leave something out (`Guard.cloned`) the suite itself is run.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runner import db, deploy, embedded, settings
from runner.errors import DatabaseUnreachable, FundError
from tests.conftest import TEMPLATE, pgtap_folder
from tests.seams.test_control_objects import EXPECTED, listing
from tests.test_pgtap import FILES, prepare, test_pgtap

LISTING = "seams.test_control_objects.test_no_constraint_or_trigger_has_gone"
INVARIANT = "deploy: an invariant (MQ005)"

#: How deploy itself refuses: by an invariant, or because it cannot record itself (its ON CONFLICT finds no constraint).
REFUSED = {"MQ005": INVARIANT, "42P10": "deploy: its ledger cannot be written"}


class Server:
    """A server with the tree deployed and its catalog as listed."""

    def __init__(self, folder: Path) -> None:
        """Raises: ValueError where the catalog is another than listed already, FundError without pgTAP."""
        for name in [n for n in os.environ if n.startswith(("FUND_", "DATABASE_URL", "DB_ENGINE"))]:
            del os.environ[name]  # whatever is configured here, it is not to be touched
        os.environ["RUNNER_HOME"] = str(folder)
        parameters = {"fsync": "off"}
        if (pgtap := pgtap_folder()) is not None:
            shutil.copytree(pgtap, folder / "pgtap")
            parameters["extension_control_path"] = f"{folder / 'pgtap'}:$system"
        self._cluster = embedded.Cluster(settings.load().runner_home, parameters)
        self._cluster.up()
        self._numbers = itertools.count()
        deploy.deploy(simulated=True, dbname=TEMPLATE)
        with db.connect(db.DEPLOYER, dbname=TEMPLATE) as connection:
            if listing(connection) != EXPECTED.read_text(encoding="utf-8"):
                raise ValueError(f"the catalog is not {EXPECTED.name}: no removal would prove anything")

    def listed(self, tree: Path) -> tuple[str | None, str]:
        """The verdict of the catalog's listing on the tree's sql/, None where nothing is noticed, and by what."""
        try:
            with self._deployed(tree) as name, db.connect(db.DEPLOYER, dbname=name) as connection:
                same = listing(connection) == EXPECTED.read_text(encoding="utf-8")
            return (None, "") if same else ("caught", LISTING)
        except FundError as error:
            return ("caught", REFUSED[error.code]) if error.code in REFUSED else ("ERROR", str(error))

    def tapped(self, tree: Path, words: tuple[str, ...]) -> tuple[str | None, str]:
        """The same of the pgTAP files named by any of the words, until one fails."""
        try:
            with self._deployed(tree) as name:
                prepare(name)
                for path in (path for path in FILES if any(word in path.stem for word in words)):
                    try:
                        test_pgtap(path, {"database": name, "assertions": 0})
                    except DatabaseUnreachable:
                        raise
                    except (AssertionError, FundError):
                        return "caught", f"test_pgtap.test_pgtap[{path.stem}]"
            return None, ""
        except FundError as error:
            return ("caught", REFUSED[error.code]) if error.code in REFUSED else ("ERROR", str(error))

    def close(self) -> None:
        """Stop the server."""
        self._cluster.down()

    @contextmanager
    def _deployed(self, tree: Path) -> Iterator[str]:
        name = f"clone_{next(self._numbers)}"
        self._admin(f"create database {name} template {TEMPLATE}")
        try:
            deploy.deploy(dbname=name, root=tree / "sql")
            yield name
        finally:
            self._admin(f"drop database {name} with (force)")

    @staticmethod
    def _admin(statement: str) -> None:
        with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
            db.execute_text(connection, "clone", statement)
