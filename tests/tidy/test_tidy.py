"""The tree's own rules, checked by machine (HOUSE_STYLE 25). A list of exceptions is literal and gives its reasons."""

from __future__ import annotations

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from runner.cli import COMMANDS
from runner.deploy import tree
from tests.conftest import ROOT

ROUTINES = sorted((ROOT / "sql" / "routines").glob("*.sql"))
MIGRATIONS = sorted((ROOT / "sql" / "migrations").glob("*.sql"))
SQL_TESTS = sorted((ROOT / "tests" / "sql").glob("*.sql"))
QUERIES = sorted((ROOT / "runner" / "queries").glob("*.sql"))
PYTHON = sorted((ROOT / "runner").rglob("*.py"))

TOP_LEVEL = {
    "sql", "dbt", "runner", "configs", "docker", "tests", "pyproject.toml", "README.md",
    "Makefile", "LICENSE", "requirements.txt", "requirements-dev.txt", "requirements-all.txt", ".ci",
    ".gitignore", ".dockerignore", ".squawk.toml", ".github", ".editorconfig",
}  # fmt: skip

#: Longest routine: lines of its file below the header, blank ones, comments and COMMENTs included. Seventy is a lot.
ROUTINE_LINES_MAX = 90

#: Longest line of SQL, in characters.
SQL_COLUMNS_MAX = 130

#: Where lines may be longer, and why: the beginning of a path.
LONG_LINES = {
    **{f"sql/migrations/{n:04d}_": "released before the rule: its hash stands in every database" for n in range(1, 11)},
    "sql/routines/trade.": "older than the rule; wrapped with the next change of its routine",
    "dbt/models/features/headline_scores.sql": "its digest names the scorer: wrapped, it would be another one",
}

#: Where a routine looks at the wall clock, and why it must not be ops.now().
WALL_CLOCK = {
    "ops.now": "the clock itself",
    "ops.advance_clock": "stores when the clock was moved",
    "audit.append": "the wall instant stands beside ops.now() (I25)",
    "decide.close_run": "the wall instant stands beside ops.now() (I25)",
    "decide.fail_overdue_runs": "a lease is a promise of a process, which lives by the wall clock",
    "decide.watch_cycles": "a lease is a promise of a process, which lives by the wall clock",
    "decide.open_cycle": "recorded_before compares with recorded_at, a wall instant",
    "market.archive_payload": "recorded_at is when this database stored it (ARCHITECTURE 2, Time)",
    "market.next_instant": "recorded_at is when this database stored it (ARCHITECTURE 2, Time)",
    "market.open_fetch": "a session that closes after the wall instant of the answer lies in the future",
    "market.open_backfill": "a lease is a promise of a process, which lives by the wall clock",
    "ops.beat": "what is old is old by recorded_at, a wall instant",
    "market.prune_daily": "what is old is old by recorded_at, a wall instant",
    "market.prune_payloads": "when the bytes were removed, a fact of this machine",
    "market.settle_item": "a lease is a promise of a process, which lives by the wall clock",
    "market.open_batch": "when the batch was opened, a fact of this machine",
    "market.refuse_batch": "when the batch was closed, a fact of this machine",
    "ref.load_sessions": "a simulated database has its history ahead of its own clock",
    "decide.record_failed_start": "a lease is a promise of a process, which lives by the wall clock",
    "decide.due_cycles": "a lease is a promise of a process, which lives by the wall clock",
    "notify.claim_deliveries": "a lease is a promise of a process, which lives by the wall clock",
    "notify.record_delivery": "the next attempt is a process's, which lives by the wall clock",
    "notify.see_alerts": "whom an alert reaches is a process's, which lives by the wall clock",
    "notify.unsent_alerts": "whom an alert reaches is a process's, which lives by the wall clock",
    "trade.claim_orders": "a lease is a promise of a process, which lives by the wall clock",
    "ops.resume": "the wall instant stands beside ops.now() (I25)",
    "trade.compute_mark": "the wall instant stands beside ops.now() (I25)",
    "trade.end_leases": "a lease is a promise of a process, which lives by the wall clock",
    "trade.lease_order": "a lease is a promise of a process, which lives by the wall clock",
    "trade.record_doubt": "a lease is a promise of a process, which lives by the wall clock",
    "trade.record_not_found": "look-ups are a process's, which lives by the wall clock",
    "trade.claim_requests": "a lease is a promise of a process, which lives by the wall clock",
    "trade.record_snapshot": "whether another reading was over before this one is this machine's to say",
    "trade.record_request": "a lease is a promise of a process, which lives by the wall clock",
    "trade.open_basket": "a lease is a promise of a process, which lives by the wall clock",
}

#: Files that put text into a statement unquoted, and why that text is nobody's but the deployer's.
DYNAMIC = {
    "bootstrap/01_roles.sql": "attributes of a role: words of the file itself",
    "bootstrap/03_database.sql": "a regprocedure, which quotes itself",
    "bootstrap/04_settings.sql": "a search_path, a list of the file itself",
    "grants/_reset.sql": "lists of roles and a regprocedure: regrole and regprocedure quote themselves",
    "routines/audit.refuse_change.sql": "a regclass, which quotes itself, at deploy",
    "timescale/02_hypertables.sql": "a regclass, which quotes itself",
    "timescale/03_bars.sql": "one of two texts of the file itself",
}

CLOCK = re.compile(
    r"(?<!ops\.)\b(now\(\)|clock_timestamp|statement_timestamp|transaction_timestamp|current_timestamp|current_date"
    r"|current_time|localtimestamp|timeofday)\b",
    re.IGNORECASE,
)

#: What the server had not yet in version 15, the oldest one deployed to: functions of 16, 17 and 18.
SINCE_16 = re.compile(
    r"\b(pg_input_is_valid|pg_input_error_info|any_value|array_sample|array_shuffle|date_add|date_subtract|random_normal"
    r"|erfc?|json_table|json_exists|json_query|json_value|json_scalar|json_serialize|json_arrayagg|json_objectagg|to_bin|to_oct"
    r"|array_reverse|array_sort|casefold|crc32c?|uuidv[47]|gamma|lgamma)\s*\(",
    re.IGNORECASE,
)


def code(path: Path) -> str:
    """A SQL file without comments and COMMENT texts."""
    text = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    return re.sub(r"(?is)^comment on .*?;\s*$", "", text, flags=re.MULTILINE)


@cache
def tracked() -> tuple[str, ...]:
    """Files git tracks, or would: what is not ignored."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), "-c", f"safe.directory={ROOT}", "ls-files", "-co", "--exclude-standard"],
        capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.skip("not a git clone: what is tracked cannot be told")
    return tuple(line for line in done.stdout.splitlines() if (ROOT / line).exists())


# -- the tree ----


def test_top_level_is_fixed() -> None:
    assert {name.split("/")[0] for name in tracked()} <= TOP_LEVEL


def test_no_artefact_is_tracked() -> None:
    bad = re.compile(
        r"(^|/)(__pycache__|node_modules|target|STATUS\.md|\.DS_Store)(/|$)|\.(pyc|log|sqlite|db|orig|rej|swp)$"
    )
    assert [name for name in tracked() if bad.search(name)] == []


def test_no_file_is_empty_or_ends_without_a_newline() -> None:
    for name in tracked():
        body = (ROOT / name).read_bytes()
        if body and name.endswith((".py", ".sql", ".md", ".yml", ".yaml", ".mjs", ".toml", ".csv")):
            assert body.endswith(b"\n"), name
            assert name.endswith(".csv") or not (b"\r" in body or b"\t" in body), name
        assert body or name.endswith("__init__.py"), f"{name} is empty"


def test_no_registry_host_is_named() -> None:
    hosts = re.compile(
        r"pypi\.org|pythonhosted|npmjs|registry\.(npm|yarn)|hub\.docker\.com|jsdelivr|unpkg", re.IGNORECASE
    )
    for name in tracked():
        if name != "tests/tidy/test_tidy.py":
            found = hosts.search((ROOT / name).read_text(encoding="utf-8", errors="replace"))
            assert found is None, f"{name} names {found[0] if found else ''}"


# -- sql ----


def test_order_lists_every_folder_of_sql() -> None:
    folders = {path.name for path in (ROOT / "sql").iterdir() if path.is_dir()}
    assert set((ROOT / "sql" / "ORDER").read_text(encoding="ascii").split()) == folders
    assert len(tree()) == len(list((ROOT / "sql").rglob("*.sql")))


def test_migrations_are_numbered_without_gaps() -> None:
    assert [int(path.name[:4]) for path in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.sql", path.name) for path in MIGRATIONS)


@pytest.mark.parametrize("path", ROUTINES, ids=lambda p: p.stem)
def test_a_routines_file_defines_what_its_name_says(path: Path) -> None:
    text, body = path.read_text(encoding="utf-8"), code(path)
    made = re.findall(
        r"create\s+(?:or\s+replace\s+)?(function|procedure|aggregate)\s+([a-z_.0-9]+)", body, re.IGNORECASE
    )
    assert [name for _, name in made] == [path.stem], "one routine per file, named by it"
    assert text.startswith("--"), "a file opens with what, why, called by, raises"
    assert re.search(rf"comment on (function|procedure|aggregate) {re.escape(path.stem)}\b", text)
    if made[0][0] != "aggregate":
        head = body.partition("$")[0].lower()
        assert re.search(r"\b(immutable|stable|volatile)\b", head), "volatility is stated"
        assert re.search(r"\bsecurity (definer|invoker)\b", head), "whose rights it runs with is stated"
    lines = re.sub(r"\A(--.*\n)+", "", text).splitlines()
    assert len(lines) <= ROUTINE_LINES_MAX, f"{len(lines)} lines"


def test_no_line_of_sql_is_too_long() -> None:
    paths = [ROOT / name for name in tracked() if re.match(r"(sql|dbt|runner/queries)/.*\.sql$", name)]
    assert len(paths) > len(ROUTINES)
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        if not str(path.relative_to(ROOT)).startswith(tuple(LONG_LINES))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > SQL_COLUMNS_MAX
    ]
    assert long == []


def test_every_routine_has_its_test_and_every_test_its_subject() -> None:
    subjects = {file.stem for file in tree() if file.folder in ("routines", "views")}
    # What sql/timescale makes, and what is true of the whole deployed database.
    subjects |= {"market.weekly_bars", "market.monthly_bars", "compressed_history", "deployed"}
    tests = {path.stem for path in SQL_TESTS}
    assert {path.stem for path in ROUTINES} - tests == set(), "routines without a test"
    assert tests - subjects == set(), "tests without a subject"


def test_every_sql_test_says_what_it_proves_and_rolls_back() -> None:
    for path in SQL_TESTS:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("--"), path.name
        assert re.search(r"^begin;", text, re.MULTILINE) and text.rstrip().endswith("rollback;"), path.name


def test_no_clock_but_ops_now() -> None:
    for path in [*ROUTINES, *(ROOT / "sql" / "views").glob("*.sql"), *(ROOT / "dbt").rglob("models/**/*.sql")]:
        if CLOCK.search(code(path)):
            assert path.stem in WALL_CLOCK, f"{path.name}: {CLOCK.search(code(path))}"
    for path in MIGRATIONS:
        for line in code(path).splitlines():
            if CLOCK.search(line):  # a column that says when this machine did something
                assert re.match(
                    r"\s*(created|advanced|recorded|opened)_at timestamptz not null default clock_", line
                ), line
    assert set(WALL_CLOCK) <= {path.stem for path in ROUTINES if CLOCK.search(code(path))}, "an exception nobody needs"


def test_no_function_of_a_newer_server() -> None:
    """Of language SQL it fails the deploy on PostgreSQL 15, of PL/pgSQL the first call."""
    paths = [*(ROOT / "sql").rglob("*.sql"), *(ROOT / "dbt").glob("m*/**/*.sql"), *QUERIES]
    assert [f"{path.name}: {found[1]}" for path in paths if (found := SINCE_16.search(code(path)))] == []


def test_no_advisory_lock() -> None:
    """I28: any role can take one. Bootstrap revokes them; that is all that is said about them."""
    for path in [*(ROOT / "sql").rglob("*.sql"), *QUERIES, *PYTHON]:
        text = code(path) if path.suffix == ".sql" else path.read_text(encoding="utf-8")
        assert "pg_advisory" not in text and "pg_try_advisory" not in text, path


def dynamic_statements(path: Path) -> list[str]:
    """What a file of SQL executes as text: from the word to the semicolon, `into` or `using` that ends it."""
    words = r"(?<![\w'])execute\s+(?!function\b|procedure\b|on\b)"
    return re.findall(rf"(?i){words}((?:[^';]|'(?:[^']|'')*')*?)(?:;|\binto\b|\busing\b)", code(path))


def unquoted(statement: str) -> str | None:
    """Why a dynamic statement may be made of something that is not quoted, or None where it cannot be."""
    literal = r"(?:'(?:[^']|'')*'\s*)+"
    if re.fullmatch(rf"\s*{literal}", statement):
        return None
    made = re.match(rf"\s*(?:pg_catalog\.)?format\(\s*({literal})[,)]", statement)
    if made is None:
        return "is not a literal or one format() of a literal"
    return "has %s" if re.search(r"%(?:\d+\$)?s", made[1].replace("%%", "")) else None


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("format('drop table %I.%I', v_schema, v_name)", None),
        ("'select 1 from x where a = ''b'''", None),
        ("format('select %L', p_text)", None),
        ("'select ' || p_text", "is not"),
        ("format('select ' || p_text)", "is not"),
        ("p_text", "is not"),
        ("format('select %s', p_text)", "has %s"),
        ("format('select %1$s', p_text)", "has %s"),
    ],
)
def test_the_look_at_dynamic_sql_finds_what_it_must(statement: str, fault: str | None) -> None:
    found = unquoted(statement)
    assert found is None if fault is None else found is not None and found.startswith(fault)


def test_no_dynamic_sql_of_unquoted_input() -> None:
    """I28: names by %I, values by %L or `using`; what else is put into a statement is listed with its reason."""
    dynamic = {
        path.relative_to(ROOT / "sql").as_posix(): dynamic_statements(path) for path in (ROOT / "sql").rglob("*.sql")
    }
    faults = {(name, fault) for name, found in dynamic.items() for statement in found if (fault := unquoted(statement))}
    assert sum(map(len, dynamic.values())) > 20
    assert {name for name, _ in faults} == set(DYNAMIC), sorted(faults)


#: Words after which a relation stands; a name followed by a dot or a bracket is a schema or a function.
RELATION = re.compile(
    r"\b(?:from|join|insert\s+into|update|delete\s+from|truncate(?:\s+table)?|lock\s+table)\s+"
    r"(?:only\s+)?([a-z_][a-z_0-9]*)\b(?!\s*[.(])"
)


#: The same words, of something else.
NOT_OF_A_RELATION = re.compile(
    r"extract\s*\(\s*\w+\s+from\b|\bdistinct\s+from\b|\blateral\b|\bonly\b"
    r"|\b(?:for(?: no key)?|do|on|or|before|after)\s+(?:update|truncate)\b"
)


def test_routines_name_every_relation_with_its_schema() -> None:
    """I28: an unqualified one could be somebody's temporary relation. What stands alone is the statement's own."""
    for path in ROUTINES:
        text = path.read_text(encoding="utf-8").lower()
        body = re.sub(r"'(?:[^']|'')*'|--.*", lambda found: "''" if found[0].startswith("'") else "", text)
        own = set(re.findall(r"\b([a-z_]\w*)\s*(?:\([^()]*\))?\s+as\s+(?:not\s+)?(?:materialized\s+)?\(", body))
        found = set(RELATION.findall(NOT_OF_A_RELATION.sub(" ", body))) - own
        assert {name for name in found if not name.startswith(("pg_", "p_", "v_", "fund_"))} == set(), path.name


def test_grants_stand_in_grants() -> None:
    """But for the hand-over of a routine to fund_gatekeeper, which needs create for an instant (I18)."""
    handover = re.compile(r"grant create on schema \w+ to fund_gatekeeper;")
    for folder in ("migrations", "routines", "views"):
        for path in (ROOT / "sql" / folder).glob("*.sql"):
            rest = handover.sub("", code(path).lower())
            assert not re.search(r"^\s*grant\s", rest, re.MULTILINE), path.name


def test_squawk_finds_nothing() -> None:
    """Syntax of every file, and what a migration would do to a database in use (.squawk.toml)."""
    program = ROOT / ".venv" / "bin" / "squawk"
    if not program.exists():
        pytest.skip("squawk is not installed in .venv")
    files = sorted(path.relative_to(ROOT) for path in (ROOT / "sql").rglob("*.sql"))
    done = subprocess.run([program, "--reporter", "Gcc", *files], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# -- error codes ----


def test_codes_are_catalogued_raised_and_tested() -> None:
    rows = re.findall(r"^\| (MQ\d{3}) \|", (ROOT / "sql" / "ERRORS.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(set(rows)) and rows == sorted(rows)
    sources = [*ROUTINES, *MIGRATIONS, *(p for p in PYTHON if p.name != "errors.py")]
    raised = {c for path in sources for c in re.findall(r"['\"](MQ\d{3})['\"]", path.read_text(encoding="utf-8"))}
    assert raised - set(rows) == set(), "raised but not in sql/ERRORS.md"
    assert set(rows) - raised == set(), "in sql/ERRORS.md but raised nowhere"
    tests = [*SQL_TESTS, *(ROOT / "tests").rglob("*.py")]
    tested = {c for path in tests for c in re.findall(r"MQ\d{3}", path.read_text(encoding="utf-8"))}
    assert set(rows) - tested == set(), "codes no test raises"


# -- python ----

SQL_STRING = re.compile(
    r"^\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|create\s+(table|role|schema|database|view)\s"
    r"|alter\s+(table|role|database)\s|drop\s+(table|view|routine|function|role|database)\s|grant\s|revoke\s|truncate\s|copy\s+\S+\s*\()",
    re.IGNORECASE | re.DOTALL,
)  # fmt: skip


def docstrings(module: ast.Module) -> set[int]:
    """Ids of the nodes that are docstrings."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [node.body for node in ast.walk(module) if isinstance(node, kinds) and node.body]
    return {id(body[0].value) for body in bodies if isinstance(body[0], ast.Expr)}


@pytest.mark.parametrize("path", PYTHON, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_sql_outside_queries(path: Path) -> None:
    module = ast.parse(path.read_text(encoding="utf-8"))
    prose = docstrings(module)
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            assert not SQL_STRING.match(node.value), f"{path.name}:{node.lineno}: {node.value[:60]!r}"


def test_every_named_query_is_used_and_every_use_exists() -> None:
    defined = {
        f"{path.stem}.{name}"
        for path in QUERIES
        for name in re.findall(r"^-- name: *([a-z0-9_]+)[ \t]*$", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    nouns = "|".join(path.stem for path in QUERIES)
    named = re.compile(rf"['\"]((?:{nouns})\.[a-z0-9_]+)['\"]")
    used = {name for path in PYTHON for name in named.findall(path.read_text(encoding="utf-8"))}
    suffixes = {"sql", "csv", "py", "yaml"}
    # A replay names tables; a table is no query.
    tables = {t for path in MIGRATIONS for t in re.findall(r"create table ([a-z_]+\.[a-z_]+)", code(path))}
    asked = {name for name in used if name.split(".")[1] not in suffixes} - tables
    assert asked - defined == set(), "used but not defined"
    assert defined - used == set(), "defined but not used"


def test_commands_are_files_and_files_are_commands() -> None:
    files = {path.stem for path in (ROOT / "runner" / "commands").glob("*.py")} - {"__init__"}
    assert {module for module, _ in COMMANDS.values()} == files


def test_import_contracts_hold() -> None:
    """Purity and layers, as pyproject's [tool.importlinter] says."""
    program = ROOT / ".venv" / "bin" / "lint-imports"
    if not program.exists():
        pytest.skip("import-linter is not installed in .venv")
    done = subprocess.run([program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
