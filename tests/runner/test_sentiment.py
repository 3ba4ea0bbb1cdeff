"""features.headline_scores and features.feat_sentiment on a database.

Incremental = full to the bit, nothing from after the as-of, order and repetition of headlines as documented; and the
lexicon a cycle reads is the file's, however it was changed.

What the rules make of a headline is in dbt's unit tests; how often they are right, in tests/bench/bench_sentiment.py.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from runner import environment, settings, transform
from tests.runner import features_world as market
from tests.runner.news_world import AS_OF, AS_OF_SESSION, Story, build, publish, sessions

SUBJECTS = ("Acme", "Globex Inc.", "Initech's unit", "SOCIÉTÉ UMBRELLA")
NEWS = (
    "profit fell sharply",
    "net loss narrowed to $1.2M from $3.4M",
    "beats estimates, raises guidance",
    "may cut its dividend",
    "reports Q3 EPS $0.45 vs $0.40 Est.",
    "names a new chief accountant",
    "shares did not fall despite a profit warning",
    "costs up 3%; sales down",
)
HEADLINES = [f"{subject} {news}" for subject, news in product(SUBJECTS, NEWS)]


def scores() -> dict[str, str]:
    """Headline's digest -> its row as text, whose decimals read back to the same bits."""
    found = market.rows("select headline_sha256::text as key, s::text as content from features.headline_scores as s")
    return {row["key"]: row["content"] for row in found}


def features() -> dict[str, str]:
    """Symbol -> its features as text; recorded_at, the clock's, left out."""
    found = market.rows(
        "select symbol, (to_jsonb(f) - 'recorded_at')::text as content from features.feat_sentiment as f"
    )
    return {row["symbol"]: row["content"] for row in found}


def test_scored_in_two_runs_or_in_one_the_bits_are_the_same(database: str) -> None:
    """An increment scores what is new and nothing else; a full refresh of all gives the same rows."""
    sessions()
    publish(Story("AAA", headline, AS_OF - timedelta(hours=k)) for k, headline in enumerate(HEADLINES) if k % 2)
    assert build()["headline_scores"].rows == len(HEADLINES) // 2
    first = scores()
    publish(Story("BBB", headline, AS_OF - timedelta(hours=k)) for k, headline in enumerate(HEADLINES))
    assert build()["headline_scores"].rows == len(HEADLINES) - len(HEADLINES) // 2
    both = scores()
    assert len(both) == len(HEADLINES) and first.items() <= both.items()
    assert len({content.split(",")[1] for content in both.values()}) > 5, "the tones differ"
    assert build()["headline_scores"].rows == 0, "nothing new"
    build(full_refresh=True)
    assert scores() == both


def test_what_is_known_after_the_as_of_changes_nothing(database: str) -> None:
    """One minute later: a headline, and a correction of one that counted. A minute earlier both would."""
    sessions()
    publish(
        Story(("AAA", "BBB")[k % 2], line, AS_OF - timedelta(days=k / 2), f"s{k}") for k, line in enumerate(HEADLINES)
    )
    build()
    before = features()
    assert set(before) == {"AAA", "BBB"}
    later = AS_OF + timedelta(minutes=1)
    publish(
        [
            Story("AAA", "Acme shares plunge after profit warning", later),
            Story("AAA", "Acme profit rose", AS_OF, "s0", 1, later),
            Story("CCC", "Cyclops beats estimates", later),
        ]
    )
    build()
    assert features() == before
    publish(
        [
            Story("AAA", "Acme shares plunge after profit warning", AS_OF),
            Story("BBB", "Acme profit rose", AS_OF, "s1", 1),
        ]
    )
    build()
    after = features()
    assert after["AAA"] != before["AAA"] and after["BBB"] != before["BBB"]


def test_order_does_not_matter_and_a_repetition_counts_once_a_day(database: str) -> None:
    """The same headlines in another order, each again within its day: the same bits. On another day: 1 more."""
    sessions()
    noon = datetime(2013, 2, 26, 17, 0, tzinfo=UTC)  # noon in New York
    stories = [
        Story(symbol, headline, noon - timedelta(days=k))
        for symbol in ("AAA", "BBB")
        for k, headline in enumerate(HEADLINES[:12])
    ]
    publish(stories)
    build()
    before = features()
    market.statement("alter table market.news disable trigger user; truncate market.news")
    random.Random(20130227).shuffle(stories)
    publish([*(replace(story, at=story.at + timedelta(hours=2)) for story in stories), *stories])
    build(full_refresh=True)
    repeated = features()
    # The repetition is known later, and that is said; no number of the sentiment moves.
    assert {s: without_known_at(row) for s, row in repeated.items()} == {
        s: without_known_at(row) for s, row in before.items()
    }
    publish([Story("AAA", HEADLINES[0], noon - timedelta(days=1))])
    build()
    counts = market.rows(
        "select symbol, sentiment_headlines::integer as n from features.feat_sentiment order by symbol"
    )
    assert [(row["symbol"], row["n"]) for row in counts] == [("AAA", 13), ("BBB", 12)]


def without_known_at(row: str) -> str:
    """The row without its own known_at."""
    return json.dumps({name: value for name, value in json.loads(row).items() if name != "known_at"})


def test_a_cycle_makes_the_lexicon_and_what_reads_it(database: str) -> None:
    """On a database dbt has never seen, what the daily cycle calls."""
    sessions()
    publish([Story("AAA", "Acme shares plunge", AS_OF)])
    made = {m.name: m.rows for m in transform.run_cycle_models(settings.load(), AS_OF_SESSION).models}
    assert made["finance_lexicon"] and made["headline_scores"] == 1 and made["feat_sentiment"] == 1


def test_the_lexicon_is_the_file_s(database: str) -> None:
    """Loaded once, left alone while it is the file's, made anew where a row was changed by hand; scores follow it."""
    sessions()
    publish([Story("AAA", "Acme shares plunge", AS_OF)])
    lines = (environment.DBT / "seeds" / "finance_lexicon.csv").read_text().count("\n") - 1
    assert build()["finance_lexicon"].rows == lines
    shipped, oid = scores(), "select 'features.finance_lexicon'::regclass::oid as oid"
    made = market.rows(oid)
    assert build()["finance_lexicon"].rows == 0
    assert market.rows(oid) == made
    market.statement("update features.finance_lexicon set weight = 0.25 where phrase = 'plunge'")
    assert build()["finance_lexicon"].rows == lines
    assert scores() == shipped


def test_another_lexicon_scores_every_headline_anew(database: str) -> None:
    """The digest of the lexicon stands in each row: a changed weight leaves no old score behind."""
    sessions()
    publish([Story("AAA", "Acme shares plunge", AS_OF), Story("AAA", "Acme profit rose", AS_OF)])
    build()
    before = scores()
    market.statement("update features.finance_lexicon set weight = 0.25 where phrase = 'plunge'")
    assert market.build(select="headline_scores")["headline_scores"] == 2
    after = scores()
    assert after.keys() == before.keys()
    digests = market.rows("select distinct scorer_sha256 from features.headline_scores")
    assert len(digests) == 1 and digests[0]["scorer_sha256"] not in str(before)
    tones = market.rows("select min(tone) as lowest from features.headline_scores")
    assert tones[0]["lowest"] == pytest.approx(-0.25 / (1 + 0.25**2) ** 0.5)
    build()
    assert scores() == before
