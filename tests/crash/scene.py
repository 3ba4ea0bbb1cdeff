"""A desk in the middle of a session: the same orders in the database and at the fake, restored before each run.

The template database has an account at the fake Alpaca that was reconciled once, one limit order resting there, a
request to cancel it, and four orders that wait for release: a fraction, a limit, a short sale, whole shares. The worker
under test finds its configuration in a folder of its own: the repository's golden one with short time-outs, so that a
broker that never answers costs a run a fraction of a second. Look-ups are a moment apart, not five seconds.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner import config as golden
from runner import db
from tests.conftest import ROOT, desk_under, forget_anchors
from tests.fake_alpaca import FakeAlpaca

ACCOUNT = "test"
#: The desk's trade session is 2020-01-07; its market is open.
INSTANT = "2020-01-07T15:00:00Z"
RESTING = (
    '[{"symbol": "BBB", "leg": "entry", "side": "BUY", "quantity": "20", "order_type": "LIMIT", "limit_price": "46"}]'
)
BASKET = """[
    {"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": "10.5"},
    {"symbol": "CCC", "leg": "entry", "side": "SELL", "quantity": "10"},
    {"symbol": "DDD", "leg": "entry", "side": "BUY", "quantity": "50"}
]"""

#: Numbers in the worker's configuration, in the place of the shipped ones: short time-outs, look-ups a moment apart.
NUMBERS = {
    "connect_timeout_seconds": "0.3",
    "read_timeout_seconds": "0.3",
    "total_timeout_seconds": "0.8",
    "lookup_wait_seconds": "0.05",
    "request_retry_seconds": "0.05",
    "daily_message_count": "5000",
}


class SceneBroken(AssertionError):
    """The scene could not be set: the product or the fixture changed; the message says where."""


class Launcher:
    """A process that forks workers (launcher.py)."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.launcher"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline()  # type: ignore[union-attr]
        if not line:
            raise SceneBroken(f"the launcher ended with {self._process.wait()}")
        return dict(json.loads(line))

    def launch(self, **asked: Any) -> dict[str, Any]:
        """One worker to its end."""
        self._process.stdin.write(json.dumps(asked) + "\n")  # type: ignore[union-attr]
        self._process.stdin.flush()  # type: ignore[union-attr]
        return self._read()

    def resume(self, pid: int) -> dict[str, Any]:
        """Let a worker that stopped go on, to its end."""
        return self.launch(resume=pid)

    def stop(self) -> None:
        """End it."""
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait(10)
        self._process.stdout.close()  # type: ignore[union-attr]


def run_sql(database: str, text: str) -> list[dict[str, Any]]:
    """Statements as the deployer; the rows of the last one."""
    with db.connect(db.DEPLOYER, autocommit=True, dbname=database) as connection:
        return db.fetch_text(connection, "scene", text)


def write_configuration(folder: Path) -> None:
    """The repository's golden configuration with numbers of its own and its hash, the worker's working directory."""
    text = (ROOT / "configs" / "golden_config.yaml").read_text(encoding="utf-8")
    for name, number in NUMBERS.items():
        text, count = re.subn(rf"(\b{name}: {{value: )[0-9.]+", rf"\g<1>{number}", text)
        if count != 1:
            raise SceneBroken(f"configs/golden_config.yaml has {count} values {name}")
    (folder / "configs").mkdir(parents=True)
    body = text.encode()
    (folder / "configs" / "golden_config.yaml").write_bytes(body)
    line = f"{hashlib.sha256(body).hexdigest()}  configs/golden_config.yaml\n"
    (folder / "configs" / "golden_config.sha256").write_text(line, encoding="ascii")


@dataclass
class Scene:
    """One lane's: a fake, a launcher, and a database name of its own, from one template."""

    template: str
    database: str
    folder: Path
    fake: FakeAlpaca
    launcher: Launcher
    privileges: list[str] = field(default_factory=list)

    def work(
        self,
        *arguments: str,
        kill_at: int | None = None,
        pause_at: str | None = None,
        database: str = "",
        launcher: Launcher | None = None,
        **patches: Any,
    ) -> dict[str, Any]:
        """One worker's pass, with `sync --once` and these arguments; see launcher.py for the answer."""
        return (launcher or self.launcher).launch(
            arguments=["sync", "--once", "--account", ACCOUNT, *arguments],
            database=database or self.database,
            kill_at=kill_at,
            pause_at=pause_at,
            patches=patches,
            folder=str(self.folder),
            environment={
                "ALPACA_API_KEY": self.fake.key,
                "ALPACA_SECRET_KEY": self.fake.secret,
                "ALPACA_BASE_URL": self.fake.url,
                "KILL_SWITCH_FILE": str(self.folder / "KILL_SWITCH"),
            },
        )

    # -- once ----

    def write(self) -> None:
        """Make the template database and the fake's account it fits."""
        self.fake.reset(clock=INSTANT, seed=1)
        self.fake.set_prices(
            AAA=("99.99", "100.01"), BBB=("49.99", "50.01"), CCC=("199.98", "200.02"), DDD=("9.99", "10")
        )
        identity = self.fake.state()["account_id"]
        run_sql(self.template, (ROOT / "tests" / "sql" / "fixtures" / "01_fund.sql").read_text(encoding="utf-8"))
        run_sql(self.template, desk(identity, golden.load(self.folder / golden.CONFIG_PATH)))
        run_sql(self.template, "select fixtures.desk()")
        run_sql(self.template, f"select ops.advance_clock('{INSTANT}')")
        # Nothing is placed on books that were never read (layer 2).
        self._settle_template("--adopt", "--reason", "the sweep")
        self.place(RESTING, self.template)
        self._settle_template()
        self._settle_template()
        resting = run_sql(self.template, "select client_order_id, state from trade.orders")
        if [row["state"] for row in resting] != ["ACKNOWLEDGED"]:
            raise SceneBroken(f"the resting order did not rest: {resting}")
        run_sql(self.template, f"select trade.request_cancel('{resting[0]['client_order_id']}', 'the sweep')")
        self.place(BASKET, self.template)
        self.fake.save("scene")

    def place(self, basket: str, database: str = "") -> None:
        """Place a basket in the desk's run, which is open for that moment."""
        database = database or self.database
        run_sql(
            database,
            """
            alter table decide.cycle_runs disable trigger user;
            update decide.cycle_runs set state = 'OPEN', reason = null, closed_at = null;
            alter table decide.cycle_runs enable trigger user
            """,
        )
        with db.connect("fund_decider", dbname=database) as connection:
            rows = db.fetch_all(connection, "trade.place_orders", cycle_id="1" * 32, run=1, intents=basket)
        if bad := [row for row in rows if row["state"] != "PENDING"]:
            raise SceneBroken(f"refused: {bad}")
        run_sql(database, "select fixtures.done()")

    def _settle_template(self, *arguments: str) -> None:
        answer = self.work(*arguments, database=self.template)
        if answer.get("code") != 0:
            raise SceneBroken(f"sync {' '.join(arguments)} of the scene ended with {answer}")

    # -- before and after each run ----

    def restore(self) -> None:
        """Database and fake as `write` left them."""
        with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
            db.execute_text(connection, "scene", f"drop database if exists {self.database} with (force)")
            db.execute_text(connection, "scene", f"create database {self.database} template {self.template}")
        forget_anchors(self.database)
        self.privilege()
        self.fake.restore("scene")

    def privilege(self) -> None:
        """A database's own privileges and its roles' settings, which a clone does not have."""
        with db.connect(db.DEPLOYER, autocommit=True, dbname="postgres") as connection:
            for statement in self.privileges or self._read_privileges(connection):
                db.execute_text(connection, "scene", statement.format(database=self.database))

    def _read_privileges(self, connection: db.Connection) -> list[str]:
        rows = db.fetch_text(
            connection,
            "scene",
            f"""
            select format('grant %s on database {{database}} to %I', lower(a.privilege_type), r.rolname) as statement
            from pg_database as d cross join aclexplode(d.datacl) as a join pg_roles as r on r.oid = a.grantee
            where d.datname = '{self.template}'
            union all
            select format(
                'alter role %I in database {{database}} set %s = %s', r.rolname, split_part(c, '=', 1),
                case split_part(c, '=', 1)
                    when 'search_path' then substr(c, 13) else quote_literal(substr(c, strpos(c, '=') + 1))
                end
            )
            from pg_db_role_setting as s join pg_database as d on d.oid = s.setdatabase
                join pg_roles as r on r.oid = s.setrole cross join unnest(s.setconfig) as c
            where d.datname = '{self.template}'
            """,
        )
        self.privileges = ["revoke all on database {database} from public"] + [row["statement"] for row in rows]
        return self.privileges

    def digest(self) -> str:
        """What a pass may change, as one value: orders, fills, requests, snapshots' verdicts not among them."""
        rows = run_sql(
            self.database,
            """
            select md5(concat(
                (select string_agg(o::text, '|' order by o.client_order_id) from (
                    select client_order_id, state, in_doubt, broker_order_id, broker_filled_quantity from trade.orders
                ) as o),
                (select string_agg(f::text, '|' order by f.execution_id) from (
                    select execution_id, quantity from trade.fills
                ) as f)
            )) as digest
            """,
        )
        return str(rows[0]["digest"])

    def settled(self) -> bool:
        """Whether every order has either left or ended, and none is in doubt."""
        return all(row["state"] not in ("PENDING", "SUBMITTED") for row in self.orders())

    def orders(self) -> list[dict[str, Any]]:
        """Every order of the database."""
        return run_sql(
            self.database,
            "select client_order_id, symbol, state, in_doubt, broker_order_id, quantity from trade.orders order by 1",
        )

    def fills(self) -> list[dict[str, Any]]:
        """Every fill of the database."""
        return run_sql(
            self.database, "select execution_id, client_order_id, quantity, price from trade.fills order by 1"
        )


def desk(identity: str, config: golden.GoldenConfig) -> str:
    """The pgTAP desk with its account at Alpaca under the fake's account id, the worker's configuration pinned."""
    text = (ROOT / "tests" / "sql" / "fixtures" / "02_desk.sql").read_text(encoding="utf-8")
    old = "'test', 'paper', 'paper', 'XTST', 1000000, null"
    if text.count(old) != 1:
        raise SceneBroken(f"tests/sql/fixtures/02_desk.sql has {text.count(old)} times {old}")
    return desk_under(config, text.replace(old, f"'test', 'alpaca', 'paper', 'XTST', 1000000, '{identity}'"))
