"""A small world of news for the sentiment's tests: headlines as the ingest leaves them, and dbt run on them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from runner import db, environment, settings, transform
from tests.runner import features_world as market

#: A session whose close is 21:00 UTC; the provider delay makes its as-of 21:30.
AS_OF_SESSION = date(2013, 2, 27)
AS_OF = datetime(2013, 2, 27, 21, 30, tzinfo=UTC)


def sessions() -> None:
    """The reference data, and a session on every weekday of the quarter before the as-of."""
    market.reference()
    market.statement(
        """
        insert into ref.sessions (calendar, session, opens_at, closes_at, half_day, session_number)
        select
            'XNYS', d::date, d + interval '14.5 hours', d + interval '21 hours', false, row_number() over (order by d)
        from generate_series(timestamptz '2012-11-01 00:00+00', '2013-02-28 00:00+00', '1 day') as d
        where extract(isodow from d) < 6
        """
    )


@dataclass(frozen=True)
class Story:
    """A headline as the ingest leaves it; known_at is its instant, of a correction its own."""

    symbol: str
    headline: str
    at: datetime
    story: str = ""
    revision: int = 0
    known_at: datetime | None = None


def publish(stories: Iterable[Story]) -> None:
    """Store headlines, in this order."""
    columns = (
        "provider, symbol, story, revision, published_at, source, headline, headline_sha256, symbols, batch_id,"
        " known_at, recorded_at"
    )
    batch = market.rows("select min(batch_id) as batch, clock_timestamp() as now from market.ingest_batches")[0]
    with (
        db.connect(db.DEPLOYER) as connection,
        connection.cursor().copy(f"copy market.news ({columns}) from stdin") as stream,
    ):
        for one in stories:
            digest = hashlib.sha256(one.headline.encode())
            name, known_at = one.story or f"{digest.hexdigest()} {one.at.isoformat()}", one.known_at or one.at
            stream.write_row(
                (
                    *("first", one.symbol, name, one.revision, one.at, "wire", one.headline, digest.digest()),
                    *([one.symbol], batch["batch"], known_at, batch["now"]),
                )
            )


def build(*, full_refresh: bool = False) -> dict[str, transform.ModelRun]:
    """The sentiment's models and what they read, as a cycle of AS_OF_SESSION builds them, by name."""
    from dbt.cli.main import dbtRunner

    config = settings.load()
    values = environment.for_dbt(config)
    with transform._environment(values):
        kinds = [word for kind in transform.KINDS for word in ("--resource-type", kind)]
        variables = json.dumps({"as_of_session": AS_OF_SESSION.isoformat()})
        arguments = ["build", *kinds, "--select", "+feat_sentiment", "--vars", variables]
        arguments += transform._arguments(config.runner_home)
        manifest = transform._manifest(values, config.runner_home)
        outcome = dbtRunner(manifest=manifest).invoke([*arguments, *(["--full-refresh"] if full_refresh else [])])
    wanted = {"finance_lexicon", "headline_scores", "feat_sentiment"}
    return {model.name: model for model in transform._judge(outcome, wanted, config.runner_home)}
