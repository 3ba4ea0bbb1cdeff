"""Errors: exit codes are promises, the docstring is the message, SQLSTATEs map in one place."""

from __future__ import annotations

import pytest

from runner import errors
from runner.errors import ExitCode, FundError, error_class, most_severe

#: ARCHITECTURE section 6.
PROMISED = {0: "DONE", 1: "UNEXPECTED", 2: "USAGE", 10: "REFUSED", 11: "KILLED", 12: "INTEGRITY", 13: "DATA",
            14: "RECONCILIATION", 15: "AUDIT", 16: "DATABASE", 17: "BROKER", 18: "REPLAY"}  # fmt: skip


def every_class() -> list[type[FundError]]:
    found = [FundError]
    for kind in found:
        found += kind.__subclasses__()
    return [kind for kind in found if kind.__module__ == "runner.errors"]


def test_exit_codes_are_as_promised() -> None:
    assert {int(code): code.name for code in ExitCode} == PROMISED


@pytest.mark.parametrize("kind", every_class())
def test_every_error_has_a_message_a_remedy_and_one_line(kind: type[FundError]) -> None:
    error = kind()
    assert error.message and error.remedy
    assert len(str(error).splitlines()) == 1


def test_what_was_given_wins() -> None:
    error = FundError("it broke", "mend it", ExitCode.DATA, code="MQ105", detail="symbol=AAPL")
    assert str(error) == "MQ105: it broke (symbol=AAPL). mend it"
    assert error.exit_code == ExitCode.DATA


@pytest.mark.parametrize(
    ("sqlstate", "kind"),
    [
        ("08006", errors.DatabaseUnreachable),
        ("28P01", errors.DatabaseUnreachable),
        ("3D000", errors.DatabaseUnreachable),
        ("53100", errors.DatabaseUnreachable),
        ("53300", errors.DatabaseUnreachable),
        ("57P01", errors.DatabaseUnreachable),
        ("42501", errors.NotAllowed),
        ("40P01", errors.Conflict),
        ("55P03", errors.Conflict),
        ("57014", FundError),
        ("42P01", FundError),
        (None, FundError),
    ],
)
def test_sqlstates(sqlstate: str | None, kind: type[FundError]) -> None:
    assert error_class(sqlstate) is kind


def test_the_first_that_applies_is_reported() -> None:
    every = list(errors.PRECEDENCE)
    for i in range(len(every)):
        assert most_severe(every[i:][::-1]) == every[i]
    assert most_severe([]) == ExitCode.DONE
    assert most_severe([ExitCode.UNEXPECTED]) == ExitCode.UNEXPECTED
