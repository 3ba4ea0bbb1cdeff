"""What a run left behind: the fake's journal against the database. The journal is right, by definition.

lost       an order or an execution the broker has and the database does not know, an end it missed, an order that was
           placed and neither reached the broker nor ended
doubled    an intent with two orders at the broker, an execution booked twice or for more than it was
untracked  an order that can still fill at the broker and is not live in the database under the broker's id
phantom    an order, a live state or an execution in the database that the broker never had
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from tests.fake_alpaca import Record

LIVE = {"ACKNOWLEDGED", "PARTIAL"}
TERMINAL = {"FILLED", "CANCELLED", "REJECTED", "EXPIRED"}


@dataclass(frozen=True)
class Findings:
    """One line for each thing wrong."""

    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    phantom: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, f.name) for f in fields(self))

    def __str__(self) -> str:
        return "; ".join(f"{f.name}: {line}" for f in fields(self) for line in getattr(self, f.name)) or "nothing wrong"

    def counts(self) -> Counter[str]:
        """Name -> how many."""
        return Counter({f.name: len(getattr(self, f.name)) for f in fields(self)})


def compare(record: Record, orders: Sequence[Mapping[str, Any]], fills: Sequence[Mapping[str, Any]]) -> Findings:
    """`orders`: rows of trade.orders (client_order_id, state, broker_order_id); `fills`: rows of trade.fills."""
    found: dict[str, list[str]] = {f.name: [] for f in fields(Findings)}
    _compare_orders(record, {row["client_order_id"]: row for row in orders}, found)
    _compare_fills(record, fills, found)
    return Findings(**{name: tuple(lines) for name, lines in found.items()})


def _compare_orders(record: Record, rows: Mapping[str, Mapping[str, Any]], found: dict[str, list[str]]) -> None:
    accepted: dict[str, list[str]] = {}
    for line in record.accepted():
        accepted.setdefault(line["client_order_id"], []).append(line["order_id"])
    live = set(record.live())
    for name, ids in accepted.items():
        row = rows.get(name)
        state = row["state"] if row else None
        if len(ids) > 1:
            found["doubled"].append(f"{name} has {len(ids)} orders at the broker")
        if row is None or row["broker_order_id"] not in ids:
            found["lost"].append(f"{name} is at the broker, here it is {state or 'unknown'} without its id")
        if name in live and state not in LIVE:
            found["untracked"].append(f"{name} is live at the broker, here {state}")
        if name not in live and state not in TERMINAL:
            found["lost"].append(f"{name} ended at the broker, here it is {state}")
    for name in rows.keys() - accepted.keys():
        state = rows[name]["state"]
        if rows[name]["broker_order_id"] is not None or state in LIVE | {"FILLED"}:
            found["phantom"].append(f"{name} is {state} here, the broker never had it")
        elif state not in TERMINAL:
            found["lost"].append(f"{name} is {state} and never reached the broker")


def _compare_fills(record: Record, fills: Sequence[Mapping[str, Any]], found: dict[str, list[str]]) -> None:
    executed = {line["activity_id"]: line for line in record.executed()}
    booked = Counter(row["execution_id"] for row in fills)
    for execution in executed.keys() - booked.keys():
        name = executed[execution]["client_order_id"]
        found["lost"].append(f"execution {execution} of {name} is not booked")
    for row in fills:
        line = executed.get(row["execution_id"])
        if line is None:
            found["phantom"].append(f"execution {row['execution_id']} of {row['client_order_id']} was never made")
        elif Decimal(line["qty"]) != row["quantity"]:
            found["doubled"].append(f"execution {row['execution_id']} is booked as {row['quantity']} for {line['qty']}")
    found["doubled"] += [f"execution {execution} is booked {n} times" for execution, n in booked.items() if n > 1]
