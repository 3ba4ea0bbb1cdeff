"""The archive read again: what is stored is what was received, and where it is not there it is built anew.

Every asking in order, its answers as they came, the source's own pure `read`, the same routines as of the original
instant. An asking whose batch is there is compared with what stood when it was taken in, and nothing is written; one
whose batch was lost is taken in: revisions, numbers and known_at come out as they were, recorded_at and the batches'
numbers do not. One that failed stored nothing of what it heard and is not read, also where what reads it has been
mended since: its rows would be known at an instant when nobody knew them. Its source is asked again instead.
"""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from runner import db, facts, ingest
from runner.errors import ExitCode, FundError
from runner.providers.base import Answer, Payload, Provider, RemoteProvider, SymbolBars, Unreadable, Window, rows_of
from runner.providers.facts import FactsPayload, Kind, SymbolFacts
from runner.providers.file_bars import FileBars
from runner.providers.file_facts import FileFacts
from runner.providers.sec import Sec

#: What an asking's answers say: bars, or statements or headlines and which of them.
Said = SymbolBars | tuple[Kind, SymbolFacts]


#: Sources that are files of bars, before their basis.
_FILE_OF_BARS = "file_"


class _Shared(Protocol):
    """A source whose answers hold several symbols."""

    def read(self, answer: Answer, symbols: Sequence[str]) -> Payload | FactsPayload:
        """What an answer says of `symbols`; pure."""


@dataclass
class Report:
    """One reading of the archive: askings unchanged, taken in again, passed over because retention removed their bytes
    (they changed nothing). differences: asking and symbol -> what is not as the archive says.
    """

    unchanged: int = 0
    rebuilt: int = 0
    pruned: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    differences: dict[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> ExitCode:
        """DONE, or DATA where something stored is not what the archive says."""
        return ExitCode.DATA if self.differences else ExitCode.DONE

    def as_dict(self) -> dict[str, object]:
        """Plain values for --json."""
        return asdict(self) | {"exit_code": int(self.exit_code)}


def rebuild(
    connection: db.Connection,
    remote: Sequence[RemoteProvider],
    packages: Sequence[Provider],
    on_fetch: Callable[[str], None] = lambda _: None,
) -> Report:
    """Read every asking whose rows were taken in, in order. `connection`: fund_ingestor's, in autocommit. remote,
    packages: the sources whose answers can be read, beside files and EDGAR. on_fetch: hears of each asking done.

    Raises: FundError of a routine that refuses, e.g. MQ108 for an instrument the universe file lost.
    """
    report = Report()
    archive = _Archive(connection, remote, packages)
    for fetch in db.fetch_all(connection, "market.archived_fetches"):
        place = f"fetch {fetch['fetch_id']} {fetch['provider']} {fetch['symbol']}"
        try:
            said = archive.read(fetch)
        except _Pruned:
            report.pruned += 1  # it changed nothing, or its bytes would be there
            continue
        except Unreadable as error:
            report.differences[place] = str(error)
            continue
        except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as error:
            report.differences[place] = f"what reads it cannot ({type(error).__name__})"
            continue
        if fetch["batch_id"] is None:
            try:
                with connection.transaction():
                    result = _take_in(connection, fetch, said)
            except FundError as error:
                if error.code != "MQ525":  # later answers of it stand already
                    raise
                report.differences[place] = error.message
                continue
            report.rebuilt += 1
            report.rows.update(added=result.rows_added, revised=result.rows_revised)
        else:
            with connection.transaction():
                found = _differences(connection, fetch, said)
            if found:
                listed = ", ".join(f"{row['difference']} {row['subject']}" for row in found[:5])
                report.differences[place] = f"{len(found)} differ: {listed}"
            else:
                report.unchanged += 1
        on_fetch(place)
    altered = db.fetch_all(connection, "market.altered_bars")
    for row in altered:
        report.differences[f"elected {row['symbol']} {row['session']}"] = f"{row['field']} is not its source's"
    for row in db.fetch_all(connection, "market.unelected_bars"):
        report.differences[f"elected {row['symbol']} {row['session']}"] = "lost: its sources have a bar"
    return report


def _take_in(connection: db.Connection, fetch: Mapping[str, Any], said: Said) -> ingest.SymbolResult:
    batch, provider = db.fetch_value(connection, "market.open_batch", fetch=fetch["fetch_id"]), fetch["provider"]
    if isinstance(said, SymbolBars):
        ingest.land(connection, batch, said)
        return ingest.store(connection, provider, batch, said, closes=False)
    return facts.store(connection, provider, batch, *said)


def _differences(connection: db.Connection, fetch: Mapping[str, Any], said: Said) -> list[dict[str, Any]]:
    number = fetch["fetch_id"]
    if not isinstance(said, SymbolBars):
        rows = db.Jsonb([dict(row) for row in said[1].rows])
        return db.fetch_all(connection, "market.fact_differences", fetch=number, rows=rows)
    db.copy_binary(connection, "market.land_bars", ingest.encode(-number, said.rows))
    sessions = said.rows["session"].dropna()
    actions = None if said.actions is None else list(said.actions)
    if actions:
        actions = ingest.effective(connection, said.symbol, actions, sessions.max().date())
    return db.fetch_all(
        connection,
        "market.bar_differences",
        fetch=number,
        ex_dates=None if actions is None else [action.ex_date for action in actions],
        kinds=None if actions is None else [action.kind for action in actions],
        factors=None if actions is None else [action.factor for action in actions],
        amounts=None if actions is None else [action.amount for action in actions],
    )


class _Pruned(Exception):
    """An answer whose bytes retention removed."""


class _Archive:
    """Reads askings; an answer that many of them share is parsed once while they follow one another."""

    def __init__(
        self, connection: db.Connection, remote: Sequence[RemoteProvider], packages: Sequence[Provider]
    ) -> None:
        self.connection = connection
        self.remote = {source.name: source for source in remote}
        self.shared: dict[str, _Shared] = {source.name: source for source in packages} | {Sec.name: Sec()}
        self.payload_id: int | None = None
        self.parsed: dict[str, Said | str] = {}

    def read(self, fetch: Mapping[str, Any]) -> Said:
        """What the asking's answers say of its symbol. Raises: _Pruned; Unreadable with the reason."""
        answers = db.fetch_all(self.connection, "market.fetch_answers", fetch=fetch["fetch_id"])
        if any(answer["pruned"] for answer in answers):
            raise _Pruned
        symbol: str = fetch["symbol"]
        if fetch["provider"] in self.remote:
            window = Window(fetch["first_session"], fetch["last_session"])
            received = [self._answer(answer) for answer in answers]
            return rows_of(self.remote[fetch["provider"]], symbol, fetch["asset_class"], window, received)
        source = self._reader(fetch["provider"], answers[0]["request"])
        answer = answers[-1]  # those before it were of attempts that were made again
        if isinstance(source, Sec) or answer["payload_id"] != self.payload_id:
            # A company's document is every class of its shares': each is read by itself.
            symbols = [symbol] if isinstance(source, Sec) else self._symbols_of(answer["payload_id"])
            self.parsed = dict(_by_symbol(source.read(self._answer(answer), symbols)))
            self.payload_id = answer["payload_id"]
        said = self.parsed.get(symbol, "its answer says nothing of it")
        if isinstance(said, str):
            raise Unreadable(said)
        return said

    def _symbols_of(self, payload_id: int) -> list[str]:
        symbols: list[str] = db.fetch_value(self.connection, "market.payload_symbols", payload_id=payload_id)
        return symbols

    def _reader(self, provider: str, request: Mapping[str, Any]) -> _Shared:
        if provider == FileFacts.name and request.get("kind") in facts.ROUTINES:
            return FileFacts(request["kind"], Path(request["file"]))
        if provider.startswith(_FILE_OF_BARS):
            return FileBars(Path(request["file"]), provider.removeprefix(_FILE_OF_BARS))
        if provider not in self.shared:
            raise Unreadable("nothing here reads answers of this source")
        return self.shared[provider]

    def _answer(self, row: Mapping[str, Any]) -> Answer:
        """The answer byte for byte. Raises: Unreadable where the bytes are not those that were hashed."""
        packed = db.fetch_value(self.connection, "market.payload", payload_id=row["payload_id"])
        try:
            content = gzip.decompress(packed)
        except (OSError, EOFError, ValueError) as error:
            raise Unreadable(f"payload {row['payload_id']} is damaged: {error}") from None
        if hashlib.sha256(content).digest() != row["payload_sha256"]:
            raise Unreadable(f"payload {row['payload_id']} is not what its hash says")
        return Answer(content, row["content_type"], row["status"], row["request"])


def _by_symbol(payload: Payload | FactsPayload) -> Iterator[tuple[str, Said | str]]:
    yield from payload.unreadable.items()
    if isinstance(payload, Payload):
        yield from ((bars.symbol, bars) for bars in payload.bars)
    else:
        yield from ((told.symbol, (payload.kind, told)) for told in payload.facts)
