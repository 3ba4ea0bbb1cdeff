"""Errors with their remedy, exit codes, and which SQLSTATE is which error.

A class's docstring is its message where none is given. The exit codes are ARCHITECTURE section 6; they are promises to
scripts, so they stand here once. Where several apply, `PRECEDENCE` says which is reported.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


class ExitCode(IntEnum):
    """What a command's exit status says."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    REFUSED = 10
    KILLED = 11
    INTEGRITY = 12
    DATA = 13
    RECONCILIATION = 14
    AUDIT = 15
    DATABASE = 16
    BROKER = 17
    REPLAY = 18


#: The first that applies is the one reported (ARCHITECTURE 6).
PRECEDENCE = (
    ExitCode.DATABASE,
    ExitCode.INTEGRITY,
    ExitCode.KILLED,
    ExitCode.AUDIT,
    ExitCode.DATA,
    ExitCode.RECONCILIATION,
    ExitCode.REFUSED,
)


class FundError(Exception):
    """Something unexpected happened."""

    exit_code: ExitCode = ExitCode.UNEXPECTED
    remedy: str = "Run the command again with --debug for the traceback."

    def __init__(
        self,
        message: str | None = None,
        remedy: str | None = None,
        exit_code: ExitCode | None = None,
        *,
        code: str | None = None,
        detail: str | None = None,
    ) -> None:
        """`code` is the SQLSTATE (MQnnn where it is ours), `detail` its key=value pairs."""
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.code = code
        self.detail = detail
        if remedy is not None:
            self.remedy = remedy
        if exit_code is not None:
            self.exit_code = exit_code
        super().__init__(self.message)

    def __str__(self) -> str:
        """One line: code, message, detail, remedy."""
        head = f"{self.code}: {self.message}" if self.code else self.message
        tail = f" ({self.detail})" if self.detail else ""
        return f"{head}{tail}. {self.remedy}" if self.remedy else f"{head}{tail}"


class UsageError(FundError):
    """The command was called with something it cannot use."""

    exit_code = ExitCode.USAGE
    remedy = "See --help."


class AccountNotOpen(UsageError):
    """The account is not there yet."""


class SettingsError(UsageError):
    """An environment variable has a value that cannot be used."""

    remedy = "Correct or unset the variable."


class SecretUnavailable(FundError):
    """A secret cannot be had from where it is kept."""

    exit_code = ExitCode.DATABASE
    remedy = "`python -m runner doctor` says where each secret would come from."


class AlertsNotSent(FundError):
    """A channel did not take a message."""

    remedy = "It is tried again; `python -m runner notify --test` tries the channels, `status` says what waits."


class GovernanceRefused(FundError):
    """A governance layer refused."""

    exit_code = ExitCode.REFUSED
    remedy = "`python -m runner status` shows the layer and its reason."


class KillSwitchEngaged(FundError):
    """The kill switch is engaged."""

    exit_code = ExitCode.KILLED
    remedy = "`python -m runner resume --check` says what is missing before trading is resumed."


class IntegrityError(FundError):
    """Configuration or deployed code is not what it should be."""

    exit_code = ExitCode.INTEGRITY
    remedy = "`python -m runner config verify` and `python -m runner deploy` say what differs."


class DeployError(IntegrityError):
    """The database cannot be brought to the state of sql/."""

    remedy = "Nothing was changed; mend the file named and deploy again."


class DataUnusable(FundError):
    """Data is missing, stale or unusable."""

    exit_code = ExitCode.DATA
    remedy = "`python -m runner ingest` loads what is missing."


class ReconciliationBreak(FundError):
    """Our books and the broker's differ."""

    exit_code = ExitCode.RECONCILIATION
    remedy = "`python -m runner breaks list`."


class AuditChainBroken(FundError):
    """The audit chain does not verify."""

    exit_code = ExitCode.AUDIT
    remedy = "`python -m runner audit verify` names the first row that differs; do not resume before it is explained."


class DatabaseUnreachable(FundError):
    """The database cannot be reached."""

    exit_code = ExitCode.DATABASE
    remedy = "`python -m runner db up` starts the embedded one; for another, check DATABASE_URL."


class BrokerUnreachable(FundError):
    """The broker cannot be reached or refuses the account."""

    exit_code = ExitCode.BROKER
    remedy = "Check the key's environment and the broker's status page; orders stay in doubt until looked up."


class AccountRefused(FundError):
    """The broker's account, or the key for it, may not trade."""

    exit_code = ExitCode.BROKER
    remedy = "Compare trade.accounts.broker_account_id with the broker's page; nothing was sent."


class ReplayDiffers(FundError):
    """A replay gave other bytes than the cycle stored."""

    exit_code = ExitCode.REPLAY
    remedy = "Compare platform and library versions stored with the cycle."


class Conflict(FundError):
    """Another session won; nothing was changed."""

    remedy = "Run the command again."


class NotAllowed(FundError):
    """The role may not do this."""

    remedy = "`python -m runner deploy` restores the grants; a command of another role may be the right one."


#: SQLSTATE, or what it begins with, to class. Our own codes are catalogued in sql/ERRORS.md; one that is not listed
#: here is a plain FundError (exit 1) with its own message, detail and hint.
SQLSTATES: dict[str, type[FundError]] = {
    "08": DatabaseUnreachable,  # connection exceptions
    "28": DatabaseUnreachable,  # invalid authorization, wrong password
    "25P03": Conflict,  # idle in a transaction for too long: rolled back
    "25P04": Conflict,  # a transaction for too long
    "3D000": DatabaseUnreachable,  # no such database
    "40": Conflict,  # serialization failure, deadlock
    "42501": NotAllowed,
    "53": DatabaseUnreachable,  # the server's disk, memory or connections are used up
    "55P03": Conflict,  # lock not available
    "57P": DatabaseUnreachable,  # shut down, crashed, or this session was terminated
    "58": DatabaseUnreachable,  # the server's own input/output
    "MQ1": DataUnusable,  # reference and market data, features
    "MQ220": KillSwitchEngaged,  # it could not be: stop by the file
    "MQ221": UsageError,  # no such source, no reason
    "MQ222": UsageError,  # a file is removed on its host
    "MQ223": AuditChainBroken,
    "MQ230": IntegrityError,  # another configuration than the pinned one
    "MQ231": IntegrityError,
    "MQ232": IntegrityError,  # a looser limit
    "MQ233": IntegrityError,
    "MQ240": UsageError,  # no such account
    "MQ241": UsageError,  # a mode that does not fit it
    "MQ242": UsageError,  # no session of its calendar
    "MQ243": UsageError,  # a session that is not over
    "MQ311": IntegrityError,  # the configuration names an open account otherwise
    "MQ314": ReconciliationBreak,  # an acknowledgement of something else
    "MQ315": ReconciliationBreak,  # an execution with other values
    "MQ316": ReconciliationBreak,  # more filled than ordered
    "MQ317": ReconciliationBreak,  # filled, never sent
    "MQ318": UsageError,  # no session of the account's calendar
    "MQ322": DataUnusable,  # a held symbol without a price
    "MQ360": UsageError,  # no such break, no reason
    "MQ364": ReconciliationBreak,  # nothing complete to adopt from
    "MQ365": AccountRefused,  # another account of the broker, or one that is taken
    "MQ366": ReconciliationBreak,  # the figure is another by now
    "MQ420": NotAllowed,  # no person's login
    "MQ421": UsageError,
    "MQ422": UsageError,
    "MQ424": UsageError,  # no such change request to decide
    "MQ425": NotAllowed,  # one person cannot be two
    "MQ426": Conflict,  # other numbers are in force
    "MQ427": UsageError,  # no tightening
    "MQ428": UsageError,
    "MQ450": UsageError,  # no such cycle
    "MQ451": UsageError,  # several
    "MQ452": UsageError,  # no such instrument
    "MQ520": UsageError,  # the live loop would ask for history
    "MQ523": UsageError,  # a backfill of nothing
    "MQ52": DataUnusable,  # askings and their answers
    "MQ550": UsageError,  # no missing session, no reason
}


def named(error: ValidationError, remedy: str | None = None, *, prefix: str = "") -> SettingsError:
    """Pydantic's error as one line that names each bad variable and why, without its value."""
    problems = []
    for item in error.errors(include_url=False, include_input=False, include_context=False):
        name = "_".join(str(p) for p in item["loc"][:1]).upper()
        reason = "is not set" if item["type"] == "missing" else item["msg"].removeprefix("Value error, ")
        problems.append(f"{prefix}{name}: {reason}" if name else reason)
    return SettingsError("; ".join(problems), remedy)


def error_class(sqlstate: str | None) -> type[FundError]:
    """The class of a SQLSTATE; the longest entry of `SQLSTATES` it begins with, else FundError."""
    for length in (5, 4, 3, 2):
        found = SQLSTATES.get((sqlstate or "")[:length])
        if found is not None:
            return found
    return FundError


def most_severe(codes: list[ExitCode]) -> ExitCode:
    """The code to exit with where several layers refused; DONE for an empty list."""
    for code in PRECEDENCE:
        if code in codes:
            return code
    return codes[0] if codes else ExitCode.DONE
