"""One look at the database: whatever a page shows is read in one transaction, from one snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from runner import db

ROLE = "fund_analyst"

#: Sessions of the past in histories: a year, as the VaR back-test looks at.
SESSIONS = 250


@dataclass(frozen=True)
class Desk:
    """What a page reads from.

    account: None before the first cycle has opened one. fund: the row of audit.fund, with read_at, the wall instant.
    """

    connection: db.Connection
    account: str | None
    fund: dict[str, Any]

    def rows(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a named query."""
        return db.fetch_all(self.connection, name, **parameters)

    def of_account(self, name: str, /, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a query about the account."""
        return self.rows(name, account=self.account, **parameters)

    def first_of_account(self, name: str) -> dict[str, Any] | None:
        """The first row of a query about the account, or None."""
        return next(iter(self.of_account(name)), None)

    def value(self, name: str, /, **parameters: Any) -> Any:
        """The one value of a named query."""
        return db.fetch_value(self.connection, name, **parameters)

    def has_mart(self, name: str) -> bool:
        """Whether dbt has built a mart."""
        return bool(self.value("dashboard.has_mart", name=name))

    @cached_property
    def cycles(self) -> list[dict[str, Any]]:
        """The account's newest cycles, newest first; asked once a look."""
        return self.of_account("dashboard.cycles", sessions=SESSIONS)


@contextmanager
def snapshot() -> Iterator[tuple[db.Connection, dict[str, Any]]]:
    """A connection that cannot write, and the row of audit.fund. A server that somebody stopped is left so.

    Raises: DatabaseUnreachable, and whatever else runner.db does.
    """
    with db.connect(ROLE, read_only=True, start=False) as connection:
        db.execute(connection, "dashboard.patience")
        yield connection, db.fetch_one(connection, "dashboard.fund")


def accounts(connection: db.Connection) -> list[str]:
    """The accounts there are, by name."""
    return [row["account"] for row in db.fetch_all(connection, "risk_report.accounts")]
