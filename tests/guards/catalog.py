"""Guards that are objects of the catalog, taken out on clones of one deployed database.

A server and a pytest for each of them would take hours, so what the suite does is done here in one process: the changed
tree is deployed to a fresh clone, and the clone answers the question of tests/seams/test_control_objects.py.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from runner import db, deploy, embedded, settings
from runner.errors import FundError
from tests.conftest import TEMPLATE
from tests.seams.test_control_objects import EXPECTED, listing

NOTICED_BY = "seams.test_control_objects.test_no_constraint_or_trigger_has_gone"
INVARIANT = "deploy: an invariant (MQ005)"

#: How deploy itself refuses: by an invariant, or because it cannot record itself (its ON CONFLICT finds no constraint).
REFUSED = {"MQ005": INVARIANT, "42P10": "deploy: its ledger cannot be written"}


class Catalog:
    """A server with the tree deployed and its catalog as listed; ask one guard at a time."""

    def __init__(self, folder: Path) -> None:
        """Raises: ValueError where the catalog is another than listed already."""
        for name in [n for n in os.environ if n.startswith(("FUND_", "DATABASE_URL", "DB_ENGINE"))]:
            del os.environ[name]  # whatever is configured here, it is not to be touched
        os.environ["RUNNER_HOME"] = str(folder)
        self._cluster = embedded.Cluster(settings.load().runner_home, {"fsync": "off"})
        self._cluster.up()
        self._numbers = itertools.count()
        deploy.deploy(simulated=True, dbname=TEMPLATE)
        with db.connect(db.DEPLOYER, dbname=TEMPLATE) as connection:
            if listing(connection) != EXPECTED.read_text(encoding="utf-8"):
                raise ValueError(f"the catalog is not {EXPECTED.name}: no removal would prove anything")

    def first_failure(self, tree: Path) -> tuple[str | None, str]:
        """The verdict on the tree's sql/, None where nothing is noticed, and by what."""
        name = f"clone_{next(self._numbers)}"
        self._admin(f"create database {name} template {TEMPLATE}")
        try:
            deploy.deploy(dbname=name, root=tree / "sql")
            with db.connect(db.DEPLOYER, dbname=name) as connection:
                same = listing(connection) == EXPECTED.read_text(encoding="utf-8")
            return (None, "") if same else ("caught", NOTICED_BY)
        except FundError as error:
            return ("caught", REFUSED[error.code]) if error.code in REFUSED else ("ERROR", str(error))
        finally:
            self._admin(f"drop database {name} with (force)")

    def close(self) -> None:
        """Stop the server."""
        self._cluster.down()

    @staticmethod
    def _admin(statement: str) -> None:
        with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
            db.execute_text(connection, "clone", statement)
