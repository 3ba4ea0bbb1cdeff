"""What is tried to get around the database's governance, by whom, and what stops it: the bypass table (issue 4, I12-I29).

`EVERYBODY` is tried by each of the nine login roles, `SOMEBODY` by the role that comes nearest to being allowed it. The
outcome of an attempt is the SQLSTATE that refuses it (42501, or a code of ours in sql/ERRORS.md), a `Row` where trading
refuses as a row, or `Harmless` with the reason and a proof where PostgreSQL lets every role do it. A few are refused by
another SQLSTATE before their privileges are looked at; `OTHER_CODES` says why.

In the statements <role>, <order> (a released order), <pending> (one not released), <run> (the id of an open cycle), <victim>
(a session of another role) and <database> are filled in.
"""

# ruff: noqa: E501 - one line of the table each

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

LOGIN_ROLES = (
    "fund_analyst",
    "fund_broker",
    "fund_decider",
    "fund_ingestor",
    "fund_monitor",
    "fund_notifier",
    "fund_operator",
    "fund_transformer",
    "fund_verifier",
)


@dataclass(frozen=True)
class Row:
    """Refused as a row: the last statement's one value. Its evidence (row, verdicts, alert) is rolled back with it."""

    value: str


@dataclass(frozen=True)
class Harmless:
    """Succeeds, because any role may; `proof` gives true afterwards, and no control object or row has changed."""

    reason: str
    proof: str


Outcome = str | Row | Harmless


class Attempt(NamedTuple):
    """One attempt: a session of `role` sends `text`, one or several statements."""

    role: str
    what: str
    text: str
    outcome: Outcome


DENIED = "42501"

#: A kill by fund_monitor is still seen, whatever the attempt left behind.
KILL_WORKS = "select ops.engage_kill_switch('after the attempt') in (true, false) and ops.kill_engaged(true)"

#: Refused before privileges are looked at, and why that is as good.
OTHER_CODES = {
    "55000": "the server keeps no prepared transactions (sql/invariants/server.sql): one that held the kill row could not be ended",
    "22023": "no provider of security labels is loaded",
    "25006": "a routine in a read-only transaction cannot write, so it cannot place, release or kill either",
}

EVERYBODY: tuple[tuple[str, str, Outcome], ...] = (
    # another identity
    ("become the owner", "set role fund_owner", DENIED),
    ("become the gatekeeper", "set role fund_gatekeeper", DENIED),
    ("become the superuser", "set role postgres", DENIED),
    ("take the owner's session", "set session authorization fund_owner", DENIED),
    ("take the operator's session", "set session authorization postgres", DENIED),
    ("join the owner", 'grant fund_owner to "<role>"', DENIED),
    ("make itself superuser", 'alter role "<role>" superuser', DENIED),
    ("make itself createrole", 'alter role "<role>" createrole', DENIED),
    ("go around row security", 'alter role "<role>" bypassrls', DENIED),
    ("let the owner log in", "alter role fund_owner login password 'x'", DENIED),
    ("set another role's password", "alter role fund_gatekeeper password 'x'", DENIED),
    ("make a superuser", "create role intruder superuser", DENIED),
    ("make a role", "create role intruder login", DENIED),
    ("drop a role", "drop role fund_gatekeeper", DENIED),
    ("read the passwords", "select rolpassword from pg_authid", DENIED),
    ("write the catalog's roles", "update pg_authid set rolsuper = true where rolname = '<role>'", DENIED),
    ("write the catalog's triggers", "delete from pg_trigger where tgname = 'append_only'", DENIED),
    ("write the catalog's privileges", "update pg_class set relacl = null where relname = 'kill_sources'", DENIED),
    # settings
    ("switch triggers off for the session", "set session_replication_role = replica", DENIED),
    ("the same by set_config", "select set_config('session_replication_role', 'replica', false)", DENIED),
    ("the same for its next sessions", 'alter role "<role>" set session_replication_role = replica', DENIED),
    ("the same for the database", 'alter database "<database>" set session_replication_role = replica', DENIED),
    ("a server setting", "alter system set fsync = off", DENIED),
    ("load settings", "select pg_reload_conf()", DENIED),
    ("hide from the log", "set log_min_messages = panic", DENIED),
    ("load a library", "load '/tmp/evil.so'", DENIED),
    # data of the control tables
    ("clear the kill switch", "delete from ops.kill_sources", DENIED),
    ("clear it by merge", "merge into ops.kill_sources as k using (values (1)) as v (n) on true when matched then delete", DENIED),
    ("clear it inside a block", "do $x$ begin execute 'delete from ops.kill_sources'; end $x$", DENIED),
    ("remove the kill row of the lock", "delete from ops.locks where lock_name = 'kill'", DENIED),
    ("declare the database simulated", "update ops.instances set kind = 'simulated'", DENIED),
    ("set the clock", "update ops.simulated_clocks set instant = '2000-01-01Z'", DENIED),
    ("edit the deploy ledger", "update ops.deploy_ledger set sha256 = repeat('0', 64)", DENIED),
    ("loosen a limit", "update govern.limits set threshold = 1000000", DENIED),
    ("add a looser limit", "insert into govern.limits select l.* from govern.limits as l", DENIED),
    ("pin another configuration", "insert into govern.config_pins (config_sha256, reason, pinned_at) values (repeat('b', 64), 'x', now())", DENIED),
    ("declare a layer not built", "update govern.layers set built = false", DENIED),
    ("let a frozen state increase", "update govern.state_permissions set allowed = true, demands = null", DENIED),
    ("allow every transition", "insert into trade.order_transitions values ('FILLED', 'PENDING', 'x')", DENIED),
    ("skip a state", "update trade.orders set state = 'FILLED' where client_order_id = '<order>'", DENIED),
    ("change a released order", "update trade.orders set quantity = 100000 where client_order_id = '<order>'", DENIED),
    ("send it again", "update trade.orders set state = 'PENDING', lease_until = null where client_order_id = '<order>'", DENIED),
    ("release an order itself", "update trade.orders set state = 'SUBMITTED' where client_order_id = '<pending>'", DENIED),
    ("delete an order", "delete from trade.orders where client_order_id = '<order>'", DENIED),
    ("truncate the orders", "truncate trade.orders cascade", DENIED),
    ("forge a fill", "insert into trade.fills select f.* from trade.fills as f", DENIED),
    ("forge cash", "update trade.cash_ledger set amount = 1000000000", DENIED),
    ("forge the NAV", "update trade.nav set nav = 1000000000", DENIED),
    ("move the high-water mark", "update trade.nav set tactical_mark = nav_index", DENIED),
    ("resolve a break by hand", "insert into trade.break_resolutions select b.break_id, b.account, 'x', 'x', now(), now() from trade.breaks as b", DENIED),
    ("clear a freeze", "update decide.risk_states set state = 'ALLOW', reject_sessions_left = 0", DENIED),
    ("clear the breach counter", "delete from decide.risk_states", DENIED),
    ("clear a symbol's cooldown", "update decide.symbol_states set stopped_out_session = null", DENIED),
    ("open a symbol for the run", "update decide.cycle_inputs set governance_state = 'ACTIVE'", DENIED),
    ("turn a verdict", "update decide.gate_verdicts set verdict = 'PASS'", DENIED),
    ("turn a run's state", "update decide.cycle_runs set state = 'DONE', reason = 'x', closed_at = now()", DENIED),
    ("edit a decision", "update decide.decisions set final_decision = 'EXECUTE_BUY'", DENIED),
    ("silence the outbox", "delete from notify.alerts", DENIED),
    ("edit the audit log", "update audit.audit_log set actor = 'nobody'", DENIED),
    ("cut the audit log", "delete from audit.audit_log where seq > 1", DENIED),
    ("truncate the audit log", "truncate audit.audit_log", DENIED),
    ("move the audit head", "update audit.heads set seq = 0", DENIED),
    ("edit a bar", "update market.price_history set close = 1", DENIED),
    # control objects
    ("switch an order's guard off", "alter table trade.orders disable trigger orders_move_by_rule", DENIED),
    ("drop the audit's guard", "drop trigger append_only on audit.audit_log", DENIED),
    ("drop a control table", "drop table ops.kill_sources cascade", DENIED),
    ("drop a control schema", "drop schema trade cascade", DENIED),
    ("drop a routine", "drop function ops.kill_engaged(boolean) cascade", DENIED),
    ("replace a routine", "create or replace function ops.kill_engaged(p_hold boolean) returns boolean language sql as 'select false'", DENIED),
    ("own a routine", 'alter function ops.kill_engaged(boolean) owner to "<role>"', DENIED),
    ("unpin a routine's path", "alter function ops.kill_engaged(boolean) reset search_path", DENIED),
    ("make a routine its caller's", "alter function ops.kill_engaged(boolean) security invoker", DENIED),
    ("make a reader of the gate its caller's", "alter function govern.read_quality() security invoker", DENIED),
    ("own a table", 'alter table ops.kill_sources owner to "<role>"', DENIED),
    ("rename a schema", "alter schema ops rename to gone", DENIED),
    ("drop a check", "alter table trade.orders drop constraint orders_quantity_check", DENIED),
    ("drop a unique index", "drop index decide.cycle_runs_done", DENIED),
    ("add an index", "create index on trade.orders (state)", DENIED),
    ("add a trigger", "create trigger t before insert on trade.orders for each row execute function suppress_redundant_updates_trigger()", DENIED),
    ("add a rule", "create rule r as on insert to audit.audit_log do instead nothing", DENIED),
    ("hide rows", "alter table ops.kill_sources enable row level security", DENIED),
    ("add a policy", "create policy p on ops.kill_sources using (false)", DENIED),
    ("inherit a control table", "create table public.child () inherits (market.price_history)", DENIED),
    ("change a type", "alter type govern.verdict add attribute x integer", DENIED),
    ("comment on a table", "comment on table trade.orders is 'nothing to see'", DENIED),
    ("label a table", "security label on table trade.orders is 'x'", "22023"),
    ("rebuild a table", "cluster trade.orders using orders_pkey", DENIED),
    ("reindex a table", "reindex table trade.orders", DENIED),
    ("grant what it has not", "grant insert on ops.locks to public", DENIED),
    ("grant what it has and may not pass on", "grant usage, create on schema ops to public",
     Harmless("a warning: without the grant option nothing is granted",
              "select not exists (select from pg_namespace as n, aclexplode(n.nspacl) as a where n.nspname = 'ops' and a.grantee = 0)")),
    ("grant a routine", "grant execute on function audit.append(jsonb) to public", DENIED),
    ("default privileges of the owner", "alter default privileges for role fund_owner grant execute on functions to public", DENIED),
    ("take what the owner owns", 'reassign owned by fund_owner to "<role>"', DENIED),
    ("drop what the owner owns", "drop owned by fund_owner cascade", DENIED),
    # objects of its own in the way
    ("look into public", "select 1 from public.whatever_lies_there", DENIED),
    ("a table in public", "create table public.locks (lock_name text)", DENIED),
    ("a table in a control schema", "create table ops.kill_switch ()", DENIED),
    ("a function in public", "create function public.now() returns timestamptz language sql as 'select null::timestamptz'", DENIED),
    ("a function in pg_catalog", "create function pg_catalog.clock_timestamp(integer) returns timestamptz language sql as 'select null::timestamptz'", DENIED),
    ("an overload of a routine", "create function ops.kill_engaged(integer) returns boolean language sql as 'select false'", DENIED),
    ("an operator", "create operator public.= (leftarg = text, rightarg = text, function = texteq)", DENIED),
    ("a cast", "create cast (text as boolean) with inout as implicit", DENIED),
    ("a type", "create type ops.verdict as (pass boolean)", DENIED),
    ("a schema", "create schema intruder", DENIED),
    ("an event trigger", "create event trigger e on ddl_command_start execute function suppress_redundant_updates_trigger()", DENIED),
    ("a publication", "create publication p for all tables", DENIED),
    ("a subscription", "create subscription s connection 'dbname=x' publication p with (connect = false)", DENIED),
    ("a replication slot", "select pg_create_physical_replication_slot('s', true)", DENIED),
    ("a language", "create function public.f() returns integer language c as '/tmp/evil.so'", DENIED),
    ("a foreign data wrapper", "create foreign data wrapper postgres_fdw", DENIED),
    ("dblink", "create extension dblink", DENIED),
    ("a database", "create database intruder", DENIED),
    ("drop the database", "drop database postgres", DENIED),
    ("a tablespace", "create tablespace t location '/tmp'", DENIED),
    ("a large object", "select lo_from_bytea(0, 'x')", DENIED),
    ("a large object by number", "select lo_create(0)", DENIED),
    # the machine beneath
    ("run a program", "copy (select 1) to program 'id'", DENIED),
    ("write a file", "copy (select 1) to '/tmp/bypass'", DENIED),
    ("read a file", "select pg_read_file('postgresql.conf')", DENIED),
    ("list a folder", "select pg_ls_dir('.')", DENIED),
    ("read a file as a large object", "select lo_import('/etc/passwd')", DENIED),
    ("rotate the log", "select pg_rotate_logfile()", DENIED),
    ("forget the statistics", "select pg_stat_reset()", DENIED),
    # locks and other sessions
    ("hold the kill row", "select 1 from ops.locks where lock_name = 'kill' for update", DENIED),
    ("hold it for share", "select 1 from ops.locks where lock_name = 'kill' for share", DENIED),
    ("hold the audit head", "select 1 from audit.heads for update", DENIED),
    ("hold an order", "select 1 from trade.orders where client_order_id = '<order>' for update", DENIED),
    ("lock the kill row's table", "do $x$ begin lock table ops.locks in access exclusive mode; end $x$", DENIED),
    ("lock the audit head's table", "do $x$ begin lock table audit.heads in share row exclusive mode; end $x$", DENIED),
    ("lock the outbox", "do $x$ begin lock table notify.alerts in exclusive mode; end $x$", DENIED),
    ("end another's session", "select pg_terminate_backend(<victim>)", DENIED),
    ("cancel another's statement", "select pg_cancel_backend(<victim>)", DENIED),
    ("leave a prepared transaction", "begin; select ops.now(); prepare transaction 'p'", "55000"),
    ("flood the notifications", "select pg_notify('orders', repeat('x', 7000)) from generate_series(1, 500)",
     Harmless("nothing of ours listens or notifies: no transaction waits for the queue", KILL_WORKS)),
    # its own surroundings
    ("another path, clock format and rounding", "set search_path = public, pg_temp; set TimeZone = 'Asia/Kolkata'; set DateStyle = 'SQL, DMY'; set extra_float_digits = -15; set synchronous_commit = off; select ops.now()::text",
     Harmless("defaults a role may change (I29); routines pin what they depend on", KILL_WORKS)),
    ("no time-outs at all", "set lock_timeout = 0; set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; select ops.now()",
     Harmless("defaults a role may change (I29); a kill ends who is in its way", KILL_WORKS)),
)  # fmt: skip

PLACE = (
    'select trade.place_orders(\'<run>\', 1, \'[{"symbol": "BBB", "leg": "entry", "side": "BUY", "quantity": 10}]\')'
)

SOMEBODY: tuple[Attempt, ...] = (
    # fund_decider: decides, through routines
    Attempt("fund_decider", "place while the kill switch is engaged", "begin; select p.refused_by from trade.place_orders('<run>', 1, '[{\"symbol\": \"BBB\", \"leg\": \"entry\", \"side\": \"BUY\", \"quantity\": 10}]') as p", Row("KILL_SWITCH")),
    Attempt("fund_decider", "place under a snapshot older than the kill", f"begin isolation level repeatable read; {PLACE}", "MQ440"),
    Attempt("fund_decider", "place serializable", f"begin isolation level serializable; {PLACE}", "MQ440"),
    Attempt("fund_decider", "release what it placed", "select trade.claim_orders('test', 'me', 60, 10)", DENIED),
    Attempt("fund_decider", "record a fill", "select trade.record_fill('test', 'x', '<order>', 100, 1, 0, 'raw', '2020-01-07', now())", DENIED),
    Attempt("fund_decider", "write the audit itself", "select audit.append('[{\"event\": \"forged\"}]')", DENIED),
    Attempt("fund_decider", "clear a kill source", "select ops.clear_kill_source('cvar', '', 'x')", DENIED),
    Attempt("fund_decider", "clear it underneath", "select ops.release_kill_source('cvar', '', 'x')", DENIED),
    Attempt("fund_decider", "pin a configuration", "select govern.pin_config('x', 'x', '{}', '[]', 'x')", DENIED),
    Attempt("fund_decider", "open a cycle under another hash", "select decide.open_cycle('test', 'paper', 's', '2020-01-06', 'late', repeat('b', 64), 30, 900, 'h', 1, 'v', '{}')", "MQ230"),
    Attempt("fund_decider", "open a cycle of a session that is not over", "select decide.open_cycle('test', 'paper', 's', '2020-01-07', 'close', repeat('a', 64), 30, 900, 'h', 1, 'v', '{}')", "MQ243"),
    Attempt("fund_decider", "open a live cycle on a paper account", "select decide.open_cycle('test', 'live', 's', '2020-01-06', 'close', repeat('a', 64), 30, 900, 'h', 1, 'v', '{}')", "MQ241"),
    Attempt("fund_decider", "close a run as done without its gate", "select decide.close_run('<run>', 1, 'DONE', null, 'DONE', 0, '{}')", "MQ248"),
    Attempt("fund_decider", "decide before the gate has", "select decide.record_decisions('<run>', 1, '[]')", "MQ245"),
    Attempt("fund_decider", "conclude before the gate has", "select govern.conclude('<run>', 1)", "MQ245"),
    Attempt("fund_decider", "place for a run that has ended", "select trade.place_orders(repeat('3', 32), 1, '[]')", "MQ244"),
    Attempt("fund_decider", "place the same intent with another body", "select trade.place_orders('<run>', 1, '[{\"symbol\": \"AAA\", \"leg\": \"hedge\", \"side\": \"BUY\", \"quantity\": 999}]')", "MQ305"),
    Attempt("fund_decider", "forge an order's time and actor", "select trade.place_orders('<run>', 1, '[{\"symbol\": \"BBB\", \"leg\": \"entry\", \"side\": \"BUY\", \"quantity\": 1, \"placed_at\": \"2000-01-01\", \"actor\": \"fund_operator\"}]')", "MQ304"),
    Attempt("fund_decider", "place a quantity that is no number", "select trade.place_orders('<run>', 1, '[{\"symbol\": \"BBB\", \"leg\": \"entry\", \"side\": \"BUY\", \"quantity\": \"NaN\"}]')", "MQ304"),
    Attempt("fund_decider", "turn the simulated clock back", "select ops.advance_clock('2000-01-01Z')", "MQ203"),
    Attempt("fund_decider", "stop the clock for ever", "select ops.advance_clock('infinity')", "MQ203"),
    Attempt("fund_decider", "open an account", "select trade.open_account('mine', 'paper', 'paper', 'XTST', 1000000)", DENIED),
    Attempt("fund_decider", "resolve a break", "select trade.resolve_break(1, 'x', true)", DENIED),
    Attempt("fund_decider", "adopt an account", "select trade.adopt_account('test', 'x')", DENIED),
    Attempt("fund_decider", "call a layer by itself", "select govern.layer_01_kill_switch('<run>', 1)", DENIED),
    Attempt("fund_decider", "write a verdict", "select govern.record_verdict('<run>', 1, null)", DENIED),
    Attempt("fund_decider", "move an order", "select trade.move_order('<order>', 'CANCELLED', 'cancelled', '{}', null, null)", DENIED),
    Attempt("fund_decider", "read the gate's relations itself", "select govern.read_quality()", DENIED),
    Attempt("fund_decider", "read dbt's relations itself", "select * from quality.symbol_governance", DENIED),
    Attempt("fund_decider", "cancel an order that is not there", "select trade.request_cancel('nothing', 'x')", "MQ312"),
    Attempt("fund_decider", "shadow the kill switch", "create temporary table kill_sources (source text); select 1", DENIED),
    Attempt("fund_decider", "shadow it by a view", "create temporary view locks as select 'kill'::text as lock_name", DENIED),
    # fund_broker: carries orders, decides nothing
    Attempt("fund_broker", "release while the kill switch is engaged", "begin; select count(*) from trade.claim_orders('test', 'me', 60, 10)", Row("0")),
    Attempt(
        "fund_broker", "release once it has called another host's kill file gone: only an operator resumes",
        "begin; select ops.engage_kill_switch('x', 'file', 'other'); select ops.report_kill_file('other', false); "
        "select count(*) from trade.claim_orders('test', 'me', 60, 10)", Row("0"),
    ),
    Attempt("fund_broker", "release under an older snapshot", "begin isolation level repeatable read; select trade.claim_orders('test', 'me', 60, 10)", "MQ440"),
    Attempt("fund_broker", "place an order", PLACE, DENIED),
    Attempt("fund_broker", "acknowledge with an old token", "select trade.record_ack('<order>', 0, 'b1')", "MQ313"),
    Attempt("fund_broker", "end an order with a state of its own", "select trade.record_end('<order>', 'FILLED', 'x', 1)", "MQ325"),
    Attempt("fund_broker", "return an order somebody else has", "select trade.return_unsent('<order>', 0, 'x')", "MQ313"),
    Attempt("fund_broker", "lease without an end", "select trade.claim_orders('test', 'me', 1000000, 10)", "MQ324"),
    Attempt("fund_broker", "mark a session twice over", "select trade.mark_nav('test', '2020-01-08')", "MQ319"),
    Attempt("fund_broker", "fill what never left", "select trade.record_fill('test', 'x', '<pending>', 100, 1, 0, 'raw', '2020-01-07', now())", DENIED),
    Attempt("fund_broker", "resolve its own break", "select trade.resolve_break(1, 'x', true)", DENIED),
    Attempt("fund_broker", "connect the account elsewhere", "select trade.connect_account('test', 'other', 'x')", DENIED),
    Attempt("fund_broker", "clear a kill source", "select ops.clear_kill_source('cvar', '', 'x')", DENIED),
    Attempt("fund_broker", "kill from a source there is not", "select ops.engage_kill_switch('x', 'rumour')", "MQ221"),
    Attempt("fund_broker", "move an order underneath", "select trade.move_order('<order>', 'CANCELLED', 'cancelled', '{}', null, null)", DENIED),
    Attempt("fund_broker", "set the clock", "select ops.advance_clock('2030-01-01Z')", DENIED),
    # fund_operator: the people's role
    Attempt("fund_operator", "clear a kill source without a reason", "select ops.clear_kill_source('cvar', '', '')", "MQ221"),
    Attempt("fund_operator", "clear another host's kill file", "select ops.clear_kill_source('file', 'host', 'x')", "MQ222"),
    Attempt("fund_operator", "clear it underneath", "select ops.release_kill_source('file', 'host', 'x')", DENIED),
    Attempt("fund_operator", "pin bytes under another hash", "select govern.pin_config(repeat('0', 64), 'x', '{}', '[]', 'x')", "MQ231"),
    Attempt("fund_operator", "pin a configuration without limits", "select govern.pin_config(encode(sha256('x'), 'hex'), 'x', '{}', '[]', 'x')", "MQ233"),
    Attempt("fund_operator", "resolve a break without a reason", "select trade.resolve_break(1, '', false)", "MQ360"),
    Attempt("fund_operator", "adopt without a reading", "select trade.adopt_account('test', 'x')", "MQ364"),
    Attempt("fund_operator", "open the account again with more", "select trade.open_account('test', 'paper', 'paper', 'XTST', 2000000)", "MQ311"),
    Attempt("fund_operator", "place an order", PLACE, DENIED),
    Attempt("fund_operator", "release an order", "select trade.claim_orders('test', 'me', 60, 10)", DENIED),
    Attempt("fund_operator", "record a fill", "select trade.record_execution('test', '{}')", DENIED),
    Attempt("fund_operator", "replace without a reason", "select trade.request_replace('<pending>', 1, null, null, '')", "MQ346"),
    Attempt("fund_operator", "kill without a reason", "select ops.engage_kill_switch('')", "MQ221"),
    Attempt("fund_operator", "kill outside READ COMMITTED", "begin isolation level serializable; select ops.engage_kill_switch('x', 'loss')", "MQ210"),
    # fund_ingestor: lands bars, edits nothing
    Attempt("fund_ingestor", "take landed rows back", "delete from market.bar_landing", DENIED),
    Attempt("fund_ingestor", "read what others landed", "select * from market.bar_landing", DENIED),
    Attempt("fund_ingestor", "truncate the landing table", "truncate market.bar_landing", DENIED),
    Attempt("fund_ingestor", "run a program while landing", "copy market.bar_landing from program 'id'", DENIED),
    Attempt("fund_ingestor", "land a server's file", "copy market.bar_landing from '/etc/passwd'", DENIED),
    Attempt("fund_ingestor", "take a batch that is not open", "select market.ingest_bars(987654)", "MQ109"),
    Attempt("fund_ingestor", "a payload that is not what its hash says", "select market.archive_payload('tester', '{}', 'ok', 'x', 'x', 'x', 1)", "MQ107"),
    Attempt("fund_ingestor", "move a calendar's past", "select ref.load_sessions('XTST', 'Test', 'UTC', '{2020-01-06}', '{2020-01-06 14:30Z}', '{2020-01-06 15:00Z}', '{t}')", "MQ102"),
    Attempt("fund_ingestor", "write a bar itself", "insert into market.price_history (symbol, session, close) values ('AAA', '2020-01-06', 1)", DENIED),
    Attempt("fund_ingestor", "write a filing itself", "insert into market.fundamentals (symbol) values ('AAA')", DENIED),
    Attempt("fund_ingestor", "write a headline itself", "insert into market.news (symbol) values ('AAA')", DENIED),
    Attempt("fund_ingestor", "make a filing known earlier", "update market.fundamentals set known_at = '2000-01-01Z'", DENIED),
    Attempt("fund_ingestor", "drop what was set aside", "delete from market.quarantined_facts", DENIED),
    Attempt("fund_ingestor", "filings into a batch that is not open", "select market.ingest_fundamentals(987654, '[]')", "MQ109"),
    Attempt("fund_ingestor", "headlines into a batch that is not open", "select market.ingest_news(987654, '[]')", "MQ109"),
    Attempt("fund_ingestor", "judge words nobody sent", """select market.record_opinions('[{"headline_sha256": "00", "scorer": "x", "scorer_version": "1", "score": 1}]')""", "MQ510"),
    Attempt("fund_ingestor", "judge headlines by hand", "insert into market.headline_opinions select sha256('x'), 'x', '1', 1, now()", DENIED),
    Attempt("fund_analyst", "read filings past the views", "select * from market.fundamentals", DENIED),
    # fund_transformer: owns what it builds, and nothing else
    Attempt("fund_transformer", "build in a control schema", "create table decide.cycle_inputs_2 (symbol text)", DENIED),
    Attempt("fund_transformer", "inherit the price history", "create table quality.child () inherits (market.price_history)", DENIED),
    Attempt("fund_transformer", "refer to a control table", "create table quality.child (symbol text references ref.instruments)", DENIED),
    Attempt("fund_transformer", "move its table into a control schema", "create table quality.kill_switch (); alter table quality.kill_switch set schema ops", DENIED),
    Attempt("fund_transformer", "give its table to the owner", "create table quality.gift (); alter table quality.gift owner to fund_owner", DENIED),
    Attempt("fund_transformer", "give its function to the gatekeeper", "create function quality.gift() returns integer language sql security definer as 'select 1'; alter function quality.gift() owner to fund_gatekeeper", DENIED),
    Attempt("fund_transformer", "write through a view of its own", "create view quality.door as select * from trade.orders; update quality.door set quantity = 1", DENIED),
    Attempt("fund_transformer", "call the gate", "select govern.open_gate('<run>', 1)", DENIED),
    Attempt("fund_transformer", "call a reader of the gate", "select govern.read_quality()", DENIED),
    Attempt("fund_transformer", "hand a temporary view to a routine", "create temporary view symbol_governance as select 1 as n; select govern.relation_fault('pg_temp', 'symbol_governance')", DENIED),
    Attempt("fund_transformer", "a cast of its own on a routine's argument", "create type quality.t as (n integer); create function quality.c(quality.t) returns timestamptz language sql as 'select now()'; create cast (quality.t as timestamptz) with function quality.c(quality.t) as implicit; select ops.advance_clock(row(1)::quality.t)", DENIED),
    Attempt("fund_transformer", "a language it may not", "create function quality.f() returns integer language c as '/tmp/evil.so'", DENIED),
    Attempt("fund_transformer", "lead the path before pg_catalog", "create function quality.now() returns timestamptz language sql as 'select timestamptz ''2000-01-01Z'''; set search_path = quality, pg_catalog; select ops.now()",
            Harmless("routines pin their path", "select ops.now() > '2020-01-01Z'")),
    Attempt("fund_transformer", "shadow every relation with temporary ones", "create temporary table kill_sources (source text); create temporary table locks (lock_name text); create temporary table orders (n integer); create temporary table pg_class (n integer); select ops.now()",
            Harmless("names in routines are qualified, and pg_temp is last in their path", KILL_WORKS)),
    Attempt("fund_transformer", "drop its own schema's tables with cascade", "create table quality.gone (n integer); drop table quality.gone cascade",
            Harmless("no control object stands on a relation of dbt (I18)", KILL_WORKS)),
    Attempt("fund_transformer", "drop a dbt schema", "drop schema quality cascade", DENIED),
    # fund_analyst, fund_monitor, fund_notifier, fund_verifier: read
    Attempt("fund_analyst", "hold a reader's lock on the orders", "begin; lock table trade.fills in access share mode; commit", Harmless("readers hold nobody", KILL_WORKS)),
    Attempt("fund_analyst", "analyse a table it does not own", "analyze trade.fills",
            Harmless("skipped with a warning", "select last_analyze is null from pg_stat_user_tables where relid = 'trade.fills'::regclass")),
    Attempt("fund_analyst", "read a control table past its views", "select * from trade.orders", DENIED),
    Attempt("fund_analyst", "explain what it may not run", "explain analyze delete from trade.fills", DENIED),
    Attempt("fund_analyst", "write through an audit view", "update audit.kill_switch_history set reason = 'x'", DENIED),
    Attempt("fund_analyst", "hold the kill row by asking", "select ops.kill_engaged(true)", DENIED),
    Attempt("fund_analyst", "take the alerts it sees", "select notify.claim_deliveries('slack', 'LOW', 'x', 3600, 1000)", DENIED),
    Attempt("fund_analyst", "write in a read-only transaction", "begin read only; select ops.engage_kill_switch('x', 'loss')", "25006"),
    Attempt("fund_monitor", "clear what it sees", "select ops.release_kill_source('cvar', '', 'x')", DENIED),
    Attempt("fund_monitor", "read the audit log", "select * from audit.audit_log", DENIED),
    Attempt("fund_notifier", "mark alerts as told", "update notify.alerts set repeats = 0", DENIED),
    Attempt("fund_notifier", "read them past a claim", "select * from notify.alerts", DENIED),
    Attempt("fund_notifier", "record as sent what it did not claim", "update notify.deliveries set state = 'SENT', settled_at = clock_timestamp()", DENIED),
    Attempt("fund_notifier", "take a delivery away", "delete from notify.deliveries", DENIED),
    Attempt("fund_decider", "take the alerts for itself", "select notify.claim_deliveries('slack', 'LOW', 'x', 3600, 1000)", DENIED),
    Attempt("fund_notifier", "read the orders", "select * from trade.orders", DENIED),
    Attempt("fund_verifier", "append to what it verifies", "select audit.append('[]')", DENIED),
    Attempt("fund_verifier", "clear the source audit", "select ops.clear_kill_source('audit', '', 'x')", DENIED),
)  # fmt: skip


def attempts() -> tuple[Attempt, ...]:
    """Every attempt, everybody's once per role."""
    return (*(Attempt(role, *line) for role in LOGIN_ROLES for line in EVERYBODY), *SOMEBODY)
